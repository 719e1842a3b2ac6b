"""Three first sentences for people who do not know how to begin."""

IDEAS = {
    "shifts": (
        "Shifts of volunteers",
        "We run a small festival with volunteers. I want to see who works which shift, and which shifts are "
        "still open.",
    ),
    "repairs": (
        "Repairs of a bicycle shop",
        "We repair bicycles. I want to write down each repair with the customer's name, what is broken and "
        "whether it is new, in work or ready.",
    ),
    "rooms": (
        "Rooms of a community centre",
        "Groups use our rooms. I want to know which group has which room on which day, so that no room is "
        "given away twice.",
    ),
}
