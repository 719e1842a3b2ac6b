"""Conversations with the demo as people hold them, and the lists that it must understand.

A case: the person's messages in order, and per list its details. `*` must be filled in; the kind stands after
a colon where it is no short text; choices stand in brackets.
"""

from tests.agents.demo.more_conversations import MORE

CASES = {
    # The six of the design.
    "library": (
        [
            "I want to keep track of the books in our small library. Each book has a title, an author, an "
            "ISBN and a "
            "status (available, lent, lost)."
        ],
        {"book": "title*; author*; ISBN*; status*[available|lent|lost]"},
    ),
    "plants": (
        [
            "I'd like to track my house plants",
            "name, species, where it stands and when I last watered it",
            "yes",
            "yes",
        ],
        {"house plant": "name*; species*; location*; date last watered:date*"},
    ),
    "invoices": (
        [
            "We need something for our invoices. For each invoice I want to record the number, the client, "
            "the amount, the "
            "due date and whether it is paid."
        ],
        {"invoice": "number*; client*; amount:number*; due date:date*; paid:boolean"},
    ),
    "rooms": (
        [
            "We rent out rooms.\nEach room has a name and a number of seats.\nEach booking has a room, a "
            "date, who booked it "
            "and optional notes."
        ],
        {"room": "name*; number of seats:number*", "booking": "room*; date:date*; booked by*; notes:text"},
    ),
    "volunteers": (
        [
            "We need to organise our volunteers: name, e-mail, phone, skills (optional), availability "
            "(weekdays, weekends, "
            "both)."
        ],
        {"volunteer": "name*; e-mail:email*; phone*; skills; availability*[weekdays|weekends|both]"},
    ),
    "vague": (
        ["I just want to be more organised", "not sure", "ok", "ok", "yes"],
        {"item": "name*; notes:text; due date:date*; status*[open|in progress|done]"},
    ),
    # Tools, waiting lists and orders in words like a newcomer's.
    "tools of a club": (
        [
            "Hi! I run a tool library for our club, we currently use a paper notebook and it's a mess. I'd "
            "like to keep a "
            "list of the tools, with name, category (hand, power, garden), condition and when it was "
            "bought. We also need to "
            "keep track of the members: name, phone number and email. Phone number is optional."
        ],
        {
            "tool": "name*; category*[hand|power|garden]; condition*; date bought:date*",
            "member": "name*; phone number; email:email*",
        },
    ),
    "tools step by step": (
        [
            "Hello there",
            "Our gardening club lends tools to its members and we lose track of who has what",
            "tools and loans",
            "name, type (hand tool, power tool), and notes",
            "which tool, who borrowed it, when it is due back and whether it came back",
            "yes",
            "yes",
        ],
        {
            "tool": "name*; type*[hand tool|power tool]; notes:text",
            "loan": "tool*; borrowed by*; due date:date*; came back:boolean",
        },
    ),
    "tools in bullets": (
        [
            "For each tool I need:\n- name\n- category (hand, power, garden)\n- purchase date "
            "(optional)\n- notes\n\n"
            "For each member:\n- full name\n- phone\n"
        ],
        {
            "tool": "name*; category*[hand|power|garden]; purchase date:date; notes:text",
            "member": "full name*; phone*",
        },
    ),
    "clinic": (
        [
            "We're a clinic and have a waiting list on paper. For each patient we write down the name, "
            "phone number, reason "
            "for the visit and how urgent it is (low, medium or high). Status goes from waiting to called "
            "to done."
        ],
        {
            "patient": "name*; phone number*; reason for the visit*; urgency*[low|medium|high]; "
            "status*[waiting|called|done]",
        },
    ),
    "clinic in short": (
        ["I need a waiting list for my clinic", "patients", "name, phone and what they need", "yes", "yes"],
        {"patient": "name*; phone*; what they need*"},
    ),
    "clinic entry": (
        [
            "Good morning, I'd like to manage our waiting list please.",
            "The name of the patient, date of birth, phone, and priority: urgent, normal",
            "name and phone",
            "yes",
        ],
        {
            "waiting list entry": "name of the patient*; date of birth:date; phone*; priority[urgent|normal]",
        },
    ),
    "bakery": (
        [
            "We are a small bakery. Customers call and order cakes. Every order has a customer name, a "
            "phone, what they "
            "ordered, a pickup date, a price and a status: ordered, baking, ready, collected."
        ],
        {
            "order": "customer name*; phone*; what they ordered*; pickup date:date*; price:number*; "
            "status*[ordered|baking|ready|collected]",
        },
    ),
    "bakery that manages": (
        [
            "I manage a bakery and I need to manage our orders. An order has customer name, cake, pickup "
            "date, price. The "
            "status can be ordered, baking, ready or collected. Phone is optional."
        ],
        {
            "order": "customer name*; cake*; pickup date:date*; price:number*; "
            "status*[ordered|baking|ready|collected]; phone",
        },
    ),
    "bakery with chat": (
        [
            "hi!! so I have a little bakery and right now all orders are on sticky notes lol",
            "the cake orders",
            "who ordered it, the cake, when they pick it up, and the status",
            "an order can be new, baking, ready or picked up. price too please",
            "yes",
            "yes",
        ],
        {
            "cake order": "ordered by*; cake*; pickup date:date*; "
            "status*[new|baking|ready|picked up]; price:number*",
        },
    ),
    # Other trades.
    "animals": (
        [
            "Our shelter needs to keep track of animals and adopters. Each animal has a name, species "
            "(dog, cat, rabbit), "
            "age and whether it is vaccinated. Each adopter has a full name, an address and an optional "
            "phone number."
        ],
        {
            "animal": "name*; species*[dog|cat|rabbit]; age:number*; vaccinated:boolean",
            "adopter": "full name*; address*; phone number",
        },
    ),
    "children": (
        [
            "I work in a kindergarten. We want a list of the children: first name, last name, birthday, "
            "allergies "
            "(optional) and the group, which can be Bears, Foxes or Owls."
        ],
        {
            "child": "first name*; last name*; birthday:date*; allergies; group*[Bears|Foxes|Owls]",
        },
    ),
    "repairs": (
        [
            "My bike shop does repairs. For every repair I want to note the customer, the bike, what is "
            "broken, how much it "
            "costs and whether it is finished. It should be easy to use."
        ],
        {"repair": "customer*; bike*; what is broken*; price:number*; finished:boolean"},
    ),
    "wine": (
        [
            "I collect wine and want to know what is in my cellar.",
            "bottles",
            "name; year; country; number of bottles; rating",
            "only name is required",
            "yes",
        ],
        {"bottle": "name*; year:number; country; number of bottles:number; rating"},
    ),
    "choir": (
        [
            "We're a choir. Singers have a name, a voice (soprano, alto, tenor, bass) and an e-mail. "
            "Concerts have a title, a "
            "date and a place. E-mail is optional."
        ],
        {
            "singer": "name*; voice*[soprano|alto|tenor|bass]; e-mail:email",
            "concert": "title*; date:date*; place*",
        },
    ),
    "tasks": (
        [
            "Something for the tasks in our house: what is to be done, who does it, until when, and done "
            "or not. The rest of "
            "my family is on board!"
        ],
        {"task": "what is to be done*; who does it*; until when:date*; done:boolean"},
    ),
    "expenses": (
        [
            "I'd like to record our expenses. An expense has a date, an amount, a category (travel, food, "
            "office) and a "
            "description. The description is required."
        ],
        {"expense": "name*; date:date*; amount:number*; category*[travel|food|office]; description:text*"},
    ),
    "meetings": (
        [
            "keep track of meetings",
            "topic, date, place (optional), minutes",
            "topic and date are required, the rest is optional",
            "yes",
        ],
        {"meeting": "topic*; date:date*; place; minutes"},
    ),
    "suppliers": (
        [
            "Suppliers: company name, contact person, e-mail, phone. Products: name, price, supplier, "
            "quantity in stock."
        ],
        {
            "supplier": "company name*; contact person*; e-mail:email*; phone*",
            "product": "name*; price:number*; supplier*; quantity in stock:number*",
        },
    ),
    "corrections": (
        [
            "Each visitor has a name, a company and a badge number.",
            "no, please remove the company, add the time of arrival and make badge number optional",
            "yes",
        ],
        {"visitor": "name*; badge number; time of arrival*"},
    ),
    "renaming": (
        [
            "Track our machines. Each machine has a name, a place and a state (works, broken).",
            "rename place to hall. State should be called condition",
            "yes",
        ],
        {"machine": "name*; hall*; condition*[works|broken]"},
    ),
    "second list later": (
        [
            "We keep a list of recipes. Each recipe has a title, the ingredients and instructions.",
            "also add a list of ingredients with name, unit and price",
            "looks good",
        ],
        {
            "recipe": "title*; ingredients*; instructions:text",
            "ingredient": "name*; unit*; price:number*",
        },
    ),
    "outside wishes": (
        [
            "I want to track our customers with name and e-mail, send them newsletters by email and take "
            "payments by credit "
            "card. There should be a login too."
        ],
        {"customer": "name*; e-mail:email*"},
    ),
    "of each": (
        ["I want to write down the name, the breed and the date of birth of each dog."],
        {"dog": "name*; breed*; date of birth:date*"},
    ),
    "names of people": (
        ["We need a list of the names, phone numbers and emails of our members."],
        {"member": "names*; phone numbers*; emails:email*"},
    ),
    "steps with arrows": (
        ["Parcels have a number, a recipient and a status (arrived -> called -> handed over)."],
        {"parcel": "number*; recipient*; status*[arrived|called|handed over]"},
    ),
    "shouting": (
        ["I WANT TO KEEP TRACK OF MY COMICS. EACH COMIC HAS A TITLE, AN ISSUE AND A PRICE."],
        {"comic": "title*; issue*; price:number*"},
    ),
    "their": (
        ["We keep track of orders, their status and when they must be ready.", "yes", "yes"],
        {"order": "name*; status*[open|in progress|done]; date ready:date*"},
    ),
    "pronouns": (
        [
            "I coach a team and want to keep a list of the players. They have a name, a shirt number and a "
            "position (goal, "
            "defence, attack). I also want to know their birthday."
        ],
        {"player": "name*; shirt number*; position*[goal|defence|attack]; birthday:date*"},
    ),
    "accents": (
        ["Each café has a naïve étiquette, a prix and a 2nd name."],
        {"café": "naïve étiquette*; prix*; 2nd name*"},
    ),
    # Written when the rules stood, in other people's ways of speaking.
    "rowing club": (
        [
            "I'm the secretary of a rowing club. We own about 150 tools that members can borrow, and at "
            "the moment there's a clipboard on the wall. I would like each tool to have a name, an "
            "inventory number, a category like hand tool, power tool or garden tool, the condition, and "
            "whether it is currently lent out.",
            "The condition can be good, worn or broken.",
            "yes",
        ],
        {
            "tool": "name*; inventory number*; category*[hand tool|power "
            "tool|garden tool]; condition*[good|worn|"
            "broken]; currently lent out:boolean"
        },
    ),
    "tool library that loses things": (
        [
            "Hello! We'd like a simple system for our club's tool library so that people stop losing things.",
            "Tools and loans",
            "Name, type, where it hangs",
            "who took it, which tool, when they took it, when they brought it back (optional)",
            "that's right",
        ],
        {
            "tool": "name*; type*; location*",
            "loan": "took by*; tool*; date taken:date*; date brought back:date",
        },
    ),
    "club with loans": (
        [
            "Our tool library needs a list of all the tools with their name, brand, category and a note. "
            "Also a list of members with name, phone and email. And loans: tool, member, date out, date "
            "due, returned yes/no.",
            "yes",
        ],
        {
            "tool": "name*; brand*; category*; note:text",
            "member": "name*; phone*; email:email*",
            "loan": "tool*; member*; date out:date*; date due:date*; returned:boolean",
        },
    ),
    "physiotherapy": (
        [
            "We're running a physiotherapy clinic and want to digitize our waiting list. Patients call us "
            "and we write them down. We'd need their name, phone number, date they called, reason, "
            "preferred time of day (morning, afternoon, any) and a status: waiting, offered, booked or "
            "removed. Insurance number is optional.",
            "yes",
        ],
        {
            "waiting list entry": "name*; phone number*; date called:date*; reason*; preferred "
            "time of day*[morning|afternoon|"
            "any]; status*[waiting|offered|booked|removed]; insurance number"
        },
    ),
    "dentist": (
        [
            "Waiting list for a dental clinic please. People on it: name, birth date, phone, email if they "
            "have one, treatment needed, priority 1 to 3, date added, notes.",
            "yes",
        ],
        {
            "person": "name*; birth date:date*; phone*; email:email; treatment "
            "needed*; priority:number*; date "
            "added:date*; notes:text"
        },
    ),
    "specialists": (
        [
            "hi i work at a clinic, we have a waiting list for specialist appointments. i want to see who "
            "is waiting, since when and for which doctor",
            "patients",
            "name, since when they wait, doctor, phone, urgent or not",
            "yes",
            "yes",
        ],
        {"patient": "name*; since when:date*; doctor*; phone*; urgent:boolean"},
    ),
    "bread by phone": (
        [
            "We take orders for bread and cakes by phone and write them on paper. I'd like an app where my "
            "staff can add orders and change the status. An order needs: customer name, phone number, "
            "product, quantity, pick-up date, and status. The statuses are new, in production, ready and "
            "picked up.",
            "Notes optional too please",
            "yes",
        ],
        {
            "order": "customer name*; phone number*; product*; quantity:number*; "
            "pick-up date:date*; status*[new|"
            "in production|ready|picked up]; notes:text"
        },
    ),
    "birthday cakes": (
        [
            "I own a bakery. Customers order cakes for birthdays and weddings. For each order I need to "
            "know the customer's name and phone, the kind of cake, the message on the cake, the delivery "
            "date, the deposit paid and the current status, which goes from received to baking to "
            "decorated to delivered.",
            "ok",
        ],
        {
            "order": "customer's name*; phone*; kind of cake*; message on the "
            "cake*; delivery date:date*; deposit paid*; current status*[received|"
            ""
            "baking|decorated|delivered]"
        },
    ),
    "orders with statuses": (
        [
            "Bakery. Orders with statuses.",
            "Orders have customer, items, pickup date, total price and a status. Status options: placed, "
            "baking, ready, collected.",
            "yes",
        ],
        {
            "order": "status*[placed|baking|ready|"
            "collected]; customer*; items*; pickup date:date*; total price:number*"
        },
    ),
    "who ordered": (
        [
            "I'd like to track orders in my bakery: who ordered, what they ordered, when it should be "
            "ready, and the status (received, in the oven, ready for pickup, picked up). Price is optional.",
            "good",
        ],
        {
            "order": "who ordered*; what they ordered*; date ready:date*; status*[received|in the oven|"
            "ready for pickup|picked up]; price:number"
        },
    ),
    "team of a bakery": (
        [
            "I need an app that keeps track of the orders in my bakery. Every order should show the "
            "customer, the phone number, the products, the pick-up day and the time. It should also have a "
            "status so my team knows whether it's open, being baked, finished or already collected.",
            "yes",
        ],
        {
            "order": "customer*; phone number*; products*; pick-up day:date*; "
            "time*; status*[open|being baked|"
            "finished|collected]"
        },
    ),
    "orders and customers": (
        [
            "My bakery needs to manage orders and customers. Each customer has a name, phone and an "
            "optional e-mail. Each order belongs to a customer and has a product, quantity, due date, and "
            "status, e.g. new, baking, done."
        ],
        {
            "order": "customer*; product*; quantity:number*; due date:date*; status*[new|baking|done]",
            "customer": "name*; phone*; e-mail:email",
        },
    ),
    "loans with a status": (
        [
            "We lend tools to our members. I want to record which tools we have and who borrowed them.",
            " tools, loans",
            "name, category, serial number",
            "tool, member name, borrowed on, due back on, returned",
            "status of the tool is available, lent or in repair",
            "yes",
            "yes",
        ],
        {
            "tool": "name*; category*; serial number*; status*[available|lent|in repair]",
            "loan": "tool*; member name*; borrowed on:date*; due back on:date*; returned:boolean",
        },
    ),
    "patients with a colon": (
        [
            "the patients on our waiting list, please: their full name, their phone number, when they "
            "registered and how urgent it is"
        ],
        {"patient": "full name*; phone number*; date registered:date*; urgency*[low|medium|high]"},
    ),
    "fields of a waiting list": (
        [
            "Please build a waiting list. Fields: patient name, phone, urgency (low/high), registered on, "
            "called back (yes/no)."
        ],
        {
            "waiting list entry": "patient name*; phone*; urgency*[low|high]; registered "
            "on:date*; called back:boolean"
        },
    ),
    "columns of a table": (
        [
            "I want to have a table with tools. Columns are name, owner, price and purchase date. Owner "
            "and price are not required."
        ],
        {"tool": "name*; owner; price:number; purchase date:date*"},
    ),
    "inventory": (
        [
            "An inventory of our tools",
            " the name, a photo, how many we have and the shelf it's on",
            "nothing but the name is required",
            "yes",
        ],
        {"tool": "name*; quantity:number; shelf"},
    ),
    "workshop": (
        [
            "We have a shared workshop. Every tool should be listed with its name, a number, a category "
            "(woodwork, metal, electric) and where it is kept. When somebody borrows a tool we write down "
            "the borrower, the date and when it's due back.",
            "yes",
            "yes",
        ],
        {
            "tool": "name*; number*; category*[woodwork|metal|"
            "electric]; location*; borrower*; date:date*; due date:date*"
        },
    ),
    "vet": (
        [
            "Hi there, I'm Maria and I manage the waiting list at a vet clinic. It's all in my head and on "
            "post-its! Each entry has the owner's name, the pet's name, the species (dog, cat, other), a "
            "phone number, the reason and a date. Reason is optional."
        ],
        {
            "waiting list entry": "owner's name*; pet's name*; species*[dog|cat|other]; phone "
            "number*; reason; date:date*"
        },
    ),
    "patients and urgency": (
        [
            "I need to manage patients on the waiting list. I need their name, contact number, referral "
            "date, urgency: routine or urgent, and notes."
        ],
        {"patient": "name*; contact number*; referral date:date*; urgency*[routine|urgent]; notes:text"},
    ),
    "person": (
        [
            "We need to keep a waiting list for our clinic. For each person: full name, phone, e-mail "
            "(optional), the date they called, priority (high, normal, low), status (waiting, appointment "
            "made, cancelled)."
        ],
        {
            "person": "full name*; phone*; e-mail:email; date called:date*; priority*[high|normal|"
            "low]; status*[waiting|appointment made|cancelled]"
        },
    ),
    "waiting list app": (
        ["Clinic waiting list app: patient name, date of birth, phone, priority (1-3), added on, notes"],
        {
            "waiting list entry": "patient name*; date of birth:date*; phone*; priority*[low|medium|"
            "high]; added on:date*; notes:text"
        },
    ),
    "order book": (
        [
            "I run a small bakery and want to get rid of the order book. What I need: customer name, what "
            "they want, pickup date and time, price, paid or not, status (new/baking/ready/collected)."
        ],
        {
            "order": "customer name*; what they want*; pickup date:date*; time*; "
            "price:number*; paid:boolean; status*[new|"
            ""
            "baking|ready|collected]"
        },
    ),
    "guessed status": (
        [
            "Bakery orders",
            "name of customer, phone, product, amount, date needed by, status",
            "ordered, baking, ready, delivered",
            "yes",
        ],
        {
            "bakery order": "name of customer*; phone*; product*; amount:number*; date "
            "needed by:date*; status*[ordered|"
            "baking|ready|delivered]"
        },
    ),
    "flavour": (
        [
            "I'd like a list of cake orders. The customer's name and phone number must be there. The "
            "flavour is optional. There is a pick-up date. The status can be ordered, in progress, ready "
            "or picked up."
        ],
        {
            "cake order": "customer's name*; phone number*; flavour; pick-up "
            "date:date*; status*[ordered|in progress|"
            "ready|picked up]"
        },
    ),
    "orders with a colon": (
        [
            "orders for my bakery: who it's for, what they want, when it's for and the status, which is "
            "either ordered, baking or done"
        ],
        {"order": "who it's for*; what they want*; date:date*; status*[ordered|baking|done]"},
    ),
} | MORE
