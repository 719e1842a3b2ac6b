"""More conversations, most of them on the answer to "Which of these must always be filled in?"."""

MORE = {
    "waiting list of children": (
        [
            (
                "We want to manage a waiting list of children: child's name, phone number, birthday, priority "
                "(high, normal, low) and notes."
            ),
            "child's name and phone number are required, the rest isn't",
            "yes",
        ],
        {"child": "name*; phone number*; birthday:date; priority[high|normal|low]; notes:text"},
    ),
    "slashes, then a yes or no": (
        [
            "hello, we are a bakery, need something to keep track of orders",
            "customer, pick-up date, status: ordered / in the oven / ready, and is it paid",
            "customer and pick-up date",
            "yes",
        ],
        {"order": "customer*; pick-up date:date*; status[ordered|in the oven|ready]; paid:boolean"},
    ),
    "tools by their names": (
        [
            (
                "We are a gardening club with a tool library. We want to know which tools we have and who"
                " has borrowed them."
            ),
            "tools and loans",
            (
                "what it's called, what kind it is (hand tool, power tool, garden machine), maybe some "
                "notes on its condition"
            ),
            (
                "the tool, the borrower's name, the day it went out, the day it's due back, and whether "
                "it came back"
            ),
            "The tool's name and kind must be filled in, and for loans the borrower and the due date.",
            "yes",
        ],
        {
            "tool": "name*; kind*[hand tool|power tool|garden machine]; condition notes:text",
            "loan": "tool; borrower's name*; date out:date; due date:date*; came back:boolean",
        },
    ),
    "cake they want": (
        [
            (
                "I run a bakery and take orders for cakes. I want to track orders with customer name, "
                "phone if any, the cake they want, pickup date, special wishes as a note and a status "
                "(new, baking, ready, collected)"
            ),
            "Customer name, cake, pickup date and status are required",
            "yes",
        ],
        {
            "order": (
                "customer name*; phone; cake*; pickup date:date*; special wishes:text; "
                "status*[new|baking|ready|collected]"
            )
        },
    ),
    "sticky notes": (
        [
            "at our clinic we keep our waiting list on sticky notes. I want to track patients.",
            (
                "name, phone, reason they come, when they were added, how urgent it is (low, normal, "
                "high), possibly a note about allergies"
            ),
            "only the name and the phone",
            "yes",
        ],
        {"patient": "name*; phone*; reason; date added:date; urgency[low|normal|high]; allergy notes:text"},
    ),
    "everything but": (
        [
            "I want to track patients: name, phone, email, urgency (low, high), notes",
            "everything but the email",
            "yes",
        ],
        {"patient": "name*; phone*; email:email; urgency*[low|high]; notes:text*"},
    ),
    "terse": (["tools", "name, kind, owner", "name, kind", "ok"], {"tool": "name*; kind*; owner"}),
    "numbers in a line": (
        [
            "keep list of members",
            "1) name 2) phone number 3) when joined 4) comments",
            "1) name 2) phone number",
            "yes",
        ],
        {"member": "name*; phone number*; date joined:date; comments:text"},
    ),
    "not a native speaker": (
        [
            "I need list for orders of my shop please",
            "customer, what product he want, price, date for deliver, if paid",
            "is obligatory customer and product. price also",
            "yes",
            "yes",
        ],
        {"order": "customer*; product*; price:number*; date for deliver:date; paid:boolean"},
    ),
    "correction midway": (
        [
            "We track visitors: name, company, badge number, arrival date",
            "name and company please, the badge number as well",
            "actually badge number isn't needed always. make it optional",
            "yes",
        ],
        {"visitor": "name*; company*; badge number; arrival date:date*"},
    ),
    "yes and also add": (
        [
            "I'd like a list of books. Each book has a title, an author, a shelf and a year",
            "yes, and also add a language",
            "yes",
        ],
        {"book": "title*; author*; shelf*; year:number*; language*"},
    ),
    "everything": (
        ["I'd like a list of books with a title, an author, a shelf and a year", "everything", "yes"],
        {"book": "title*; author*; shelf*; year:number*"},
    ),
    "all except two": (
        [
            "I'd like a list of books with a title, an author, a shelf and a year",
            "all except the year and shelf",
            "yes",
        ],
        {"book": "title*; author*; shelf; year:number"},
    ),
    "lists before colons": (
        [
            (
                "Track dogs and owners. Each dog has a name, breed, birthday. Each owner has a name, "
                "phone and address."
            ),
            "dogs: name and breed; owners: name, phone",
            "yes",
        ],
        {"dog": "name*; breed*; birthday:date", "owner": "name*; phone*; address"},
    ),
    "lists over bullets": (
        [
            (
                "Track dogs and owners. Each dog has a name, breed, birthday. Each owner has a name, "
                "phone and address."
            ),
            "Dogs:\n- name\n- breed\nOwners:\n- name\n- phone",
            "yes",
        ],
        {"dog": "name*; breed*; birthday:date", "owner": "name*; phone*; address"},
    ),
    "each and everything except": (
        [
            (
                "Track dogs and owners. Each dog has a name, breed, birthday. Each owner has a name, "
                "phone and address."
            ),
            "Name and breed of each dog. For owners everything except the address.",
            "yes",
        ],
        {"dog": "name*; breed*; birthday:date", "owner": "name*; phone*; address"},
    ),
    "needs": (
        [
            (
                "Track dogs and owners. Each dog has a name, breed, birthday. Each owner has a name, "
                "phone and address."
            ),
            "a dog needs a name, an owner needs a name and a phone",
            "yes",
        ],
        {"dog": "name*; breed; birthday:date", "owner": "name*; phone*; address"},
    ),
    "nice to have": (
        [
            (
                "I want to track repairs: customer name, phone, bike, what's wrong with it, when they "
                "bring it, when it has to be ready, price"
            ),
            "name and bike must be there, phone is nice to have",
            "yes",
        ],
        {
            "repair": (
                "customer name*; phone; bike*; what's wrong with it; date brought in:date; date "
                "ready:date; price:number"
            )
        },
    ),
    "pottery": (
        [
            (
                "well so I've got this little pottery studio and honestly it's chaos, people book the "
                "kiln and I forget who. I'd like to keep track of firings I guess"
            ),
            (
                "who booked it, the day they need it, which kiln (small, large), perhaps how many pieces,"
                " notes"
            ),
            "hmm I'd say who booked it and the kiln definitely, the others not",
            "looks good",
        ],
        {"firing": "booked by*; date:date; kiln*[small|large]; number of pieces:number; notes:text"},
    ),
    "not the topic": (
        ["list of lessons", "pupil, teacher, date, room, topic", "Not the topic", "yes"],
        {"lesson": "pupil*; teacher*; date:date*; room*; topic"},
    ),
    "yes but": (
        ["list of lessons", "pupil, teacher, date, room, topic", "yes but the room can be empty", "yes"],
        {"lesson": "pupil*; teacher*; date:date*; room; topic*"},
    ),
    "we need": (
        [
            "list of lessons",
            "pupil, teacher, date, room, topic",
            "we need the pupil, the teacher and the date",
            "yes",
        ],
        {"lesson": "pupil*; teacher*; date:date*; room; topic"},
    ),
    "never empty": (
        ["list of lessons", "pupil, teacher, date, room, topic", "pupil and date can never be empty", "yes"],
        {"lesson": "pupil*; teacher; date:date*; room; topic"},
    ),
    "rest optional": (
        [
            "list of lessons",
            "pupil, teacher, date, room, topic",
            "pupil required, teacher required, the rest optional",
            "yes",
        ],
        {"lesson": "pupil*; teacher*; date:date; room; topic"},
    ),
    "nothing": (
        ["list of lessons", "pupil, teacher, date, room, topic", "nothing really", "yes"],
        {"lesson": "pupil; teacher; date:date; room; topic"},
    ),
    "all except in one list": (
        [
            (
                "Hello, we have tool library in our club. Members take tools home. We want to know who "
                "has what."
            ),
            "Tools, members and loans.",
            "name, category: hand, power or garden; serial number if it has one; condition",
            "Member's full name, e-mail and phone",
            "which tool, which member, date taken, date due back, returned or not",
            "tool name and category; member full name and phone; for a loan all except returned",
            "yes",
        ],
        {
            "tool": "name*; category*[hand|power|garden]; serial number; condition",
            "member": "full name*; e-mail:email; phone*",
            "loan": "tool*; member*; date taken:date*; date due back:date*; returned:boolean",
        },
    ),
    "only bullets": (
        [
            "Tool library for the allotment society.",
            "- tools\n- loans",
            (
                "- what we call it\n- which kind (spade, rake, mower)\n- where it's kept\n- "
                "notes about its condition, if any"
            ),
            (
                "- the tool\n- who borrowed it\n- when it went out\n- when it has to be back\n- if it came back"
            ),
            "Tools: name and kind\nLoans: tool, borrower, due date",
            "yes",
        ],
        {
            "tool": "name*; kind*[spade|rake|mower]; location; condition notes:text",
            "loan": "tool*; borrowed by*; date out:date; due date:date*; came back:boolean",
        },
    ),
    "reach them": (
        [
            (
                "We're a small clinic. People wait weeks for an appointment and we keep the waiting list "
                "in a notebook. For each patient we need: what they're called, date of birth, a phone "
                "number where we can reach them, which doctor they want to see, how urgent it is "
                "(routine, soon, urgent), the day they were put on the list, and perhaps a few remarks"
            ),
            "The patient's name, phone number, doctor and urgency.",
            "yes",
        ],
        {
            "patient": (
                "name*; date of birth:date; phone number*; doctor*; urgency*[routine|soon|urgent]; date "
                "put on list:date; remarks:text"
            )
        },
    ),
    "without commas": (
        [
            "waiting list. clinic.",
            "patients",
            "name, dob, phone, since when waiting, priority (1, 2, 3), status: waiting, called, seen",
            "name phone priority status",
            "yes",
        ],
        {
            "patient": (
                "name*; dob:date*; phone*; since when:date*; priority*[1|2|3]; status*[waiting|called|seen]"
            )
        },
    ),
    "one more as well": (
        [
            (
                "My bakery has too many orders on paper! For every order: who ordered it, their phone, "
                "what they want, when they pick it up, price if known and whether it's paid. An order is "
                "new, in the oven, ready or picked up."
            ),
            "who ordered, what they want and the pickup date. status as well",
            "actually the phone must be filled in too",
            "yes",
        ],
        {
            "order": (
                "ordered by*; phone*; what they want*; pickup date:date*; price:number; paid:boolean; "
                "status*[new|in the oven|ready|picked up]"
            )
        },
    ),
    "one line": (
        [
            (
                "bakery. orders. customer name, phone, cake, size (small, medium, large), pick up day, "
                "status (ordered, baked, collected), special wishes (as a note)"
            ),
            "everything except phone and special wishes",
            "yes",
        ],
        {
            "order": (
                "customer name*; phone; cake*; size*[small|medium|large]; pick up day:date*; "
                "status*[ordered|baked|collected]; special wishes:text"
            )
        },
    ),
    "required and optional": (
        [
            "I need to track orders for my bakery",
            (
                "customer's name, the cake they want, the day they'll collect it, any allergies, the "
                "price we agreed, status (received, baking, ready, collected)"
            ),
            "Required: customer's name, cake, status. Optional: the rest.",
            "Wait, actually the day must be required as well",
            "yes",
        ],
        {
            "order": (
                "customer's name*; cake*; pickup date:date*; allergies; price:number; "
                "status*[received|baking|ready|collected]"
            )
        },
    ),
    "price afterwards": (
        [
            "I want to keep a list of orders with customer, product, delivery date, note",
            "yes, and also add a price",
            "yes, and the price is required",
            "yes",
        ],
        {"order": "customer*; product*; delivery date:date*; note:text; price:number*"},
    ),
    "just and for": (
        [
            (
                "track members and payments. Members have a name, an email and a phone. Payments have a "
                "member, an amount, a date and a note"
            ),
            "just the name and for payments the amount",
            "yes",
        ],
        {"member": "name*; email:email; phone", "payment": "member; amount:number*; date:date; note:text"},
    ),
    "possessives of lists": (
        [
            "We keep a waiting list in Excel. We'd like to manage patients and appointments.",
            "name, phone, reason",
            "patient, date, doctor",
            "patient name and phone, the appointment's date and doctor",
            "yes",
        ],
        {"patient": "name*; phone*; reason", "appointment": "patient; date:date*; doctor*"},
    ),
    "rambling": (
        [
            (
                "So, well, I have this club and we lend out tools, and, um, people never bring them back!"
                " I think I want to keep track of the tools and, you know, the loans."
            ),
            (
                "Oh, just what it is called, what sort of tool it is - hand or electric - and possibly "
                "the shelf it's on"
            ),
            "who has it, which tool they took, the day they took it, the day it must be back",
            "I suppose the name of the tool, and who has it, and when it must be back",
            "no, the shelf is required too",
            "yes",
        ],
        {
            "tool": "name*; sort[hand|electric]; shelf*",
            "loan": "who has it*; tool; date taken:date; due date:date*",
        },
    ),
    "parents": (
        [
            "list of students",
            "name, class, parent's phone number, allergies (if any), notes on behaviour",
            "name, class, parents phone",
            "yes",
        ],
        {"student": "name*; class*; parent's phone number*; allergies; behaviour notes:text"},
    ),
    "not needed": (
        [
            "I'd like to track bikes: frame number, owner, brand, colour and when it was registered",
            "The brand and colour are not needed, the others are",
            "yes",
        ],
        {"bike": "frame number*; owner*; brand; colour; date registered:date*"},
    ),
    "yes except": (
        [
            "I'd like to track bikes: frame number, owner, brand, colour and when it was registered",
            "yes, except colour",
            "yes",
        ],
        {"bike": "frame number*; owner*; brand*; colour; date registered:date*"},
    ),
    "all of these": (
        [
            "I'd like to track bikes: frame number, owner, brand, colour and when it was registered",
            "All of these please",
            "yes",
        ],
        {"bike": "frame number*; owner*; brand*; colour*; date registered:date*"},
    ),
    "two sentences": (
        [
            "I'd like to track bikes: frame number, owner, brand, colour and when it was registered",
            "Frame number must be filled in. Owner must be filled in.",
            "yes",
        ],
        {"bike": "frame number*; owner*; brand; colour; date registered:date"},
    ),
    "most important": (
        [
            "I'd like to track bikes: frame number, owner, brand, colour and when it was registered",
            "I would say that the owner and frame number are the most important ones",
            "yes",
        ],
        {"bike": "frame number*; owner*; brand; colour; date registered:date"},
    ),
    "where everything is": (
        [
            "Hi, our club lends tools to members and we'd like to know where everything is.",
            "Tools and loans",
            "What the tool is called, what kind it is (hand tool, power tool, ladder), where it is kept, and "
            "maybe some notes on its condition.",
            "Which tool it is, the borrower's name and phone number, the day it went out, the day it's due "
            "back and whether it's been returned.",
            "The tool's name and kind must be filled in, and for loans the tool, the borrower and the due "
            "date. The rest is optional.",
            "Yes, that's right",
        ],
        {
            "tool": "name*; kind*[hand tool|power tool|ladder]; location; condition notes:text",
            "loan": "tool*; borrower's name*; phone number; date out:date; due date:date*; returned:boolean",
        },
    ),
    "enough": (
        ["Each tool has a name, a kind and a price", "the name is enough", "yes"],
        {"tool": "name*; kind; price:number"},
    ),
    "bakery in two steps": (
        [
            "I have a bakery. I'd like to keep track of the orders.",
            "For each order: customer name, phone number, the cake they want, special wishes as a note, "
            "pickup date, price, and the status: new, in progress, ready, picked up",
            "Customer name, cake, pickup date and status are required",
            "Actually the price is required as well",
            "yes",
        ],
        {
            "order": "customer name*; phone number; cake*; special wishes:text; pickup date:date*; "
            "price:number*; status*[new|in progress|ready|picked up]"
        },
    ),
}
