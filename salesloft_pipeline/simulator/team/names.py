"""Invented words: nobody here exists, and every address ends in a domain reserved for examples."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Ada Arlo Bea Bram Cleo Cyrus Dara Dov Elin Enzo Fay Finn Gia Gus Hana Hugo Ines Ivo Jada Joss Kaia "
    "Kit Lena Lior Maren Milo Nell Noor Opal Orin Petra Quin Rhea Rory Suri Soren Tess Theo Uma Vera Wren "
    "Xan Yara Zeb Zora"
)
LAST = _words(
    "Alderwick Ashgrove Barrowby Birchall Candlewick Copperfen Dunmarsh Elderhay Fairhollow Fernsby "
    "Glasswright Greyhaven Harrowgate Hollowell Inkpen Juniperly Kestrelby Larkmoor Longbarrow Marshwood "
    "Merrowdale Nettlefold Oakenshaw Pebblewick Quillfeather Ravensmere Saltmarsh Sedgeley Thistledown "
    "Underhay Vellacott Wagstaffe Willowmere Yarrowby Zephyrine"
)
ADJECTIVES = _words(
    "Amber Brisk Cobalt Dapper Eager Fabled Gentle Humble Ivory Jolly Keen Lucid Mellow Noble Quiet Rapid "
    "Silver Tidy"
)
TRADES = _words(
    "Analytics Bakery Cargo Dynamics Energy Foundry Gardens Holdings Insurance Labs Logistics Media "
    "Networks Optics Robotics Supply Textiles Works"
)
TITLES = (
    "Head of Widgets",
    "VP Imaginary Operations",
    "Director of Testing",
    "Sample Analyst",
    "Chief Placeholder Officer",
    "Procurement Manager",
    "Regional Manager",
    "Platform Engineer",
)
SENIORITIES = ("director", "executive", "individual_contributor", "manager", "vice_president", "unknown")
INDUSTRIES = ("Fictional Retail", "Imaginary Software", "Pretend Manufacturing", "Example Logistics")
PLACES = (
    ("Springvale", "NY", "United States", "US/Eastern"),
    ("Port Example", "CA", "United States", "US/Pacific"),
    ("Samplestadt", "BE", "Germany", "Europe/Berlin"),
    ("Testbury", "LND", "United Kingdom", "Europe/London"),
    ("Mockton", "IL", "United States", "US/Central"),
)
TAGS = ("conference", "inbound", "tier-one", "renewal", "event-2026", "partner", "do-later", "webinar")
CADENCE_THEMES = (
    "Welcome",
    "Trial Follow-up",
    "Renewal",
    "Event Invitation",
    "Cold Outreach",
    "Win-back",
    "Referral",
    "Inbound Demo",
)
EMAIL_SUBJECTS = (
    "A small idea for {company}",
    "Following up",
    "Your imaginary pilot",
    "Two dates to choose from",
)
NOTES = (
    "asked to call back",
    "prefers email",
    "sent the price list",
    "spoke with reception",
    "left a message",
)
TASKS = (
    "Prepare the sample deck",
    "Call back",
    "Check the contract draft",
    "Send the summary",
    "Confirm the date",
)
DISPOSITIONS = (
    "Connected",
    "Left Voicemail",
    "No Answer",
    "Busy",
    "Wrong Number",
    "Bad Number",
    "Gatekeeper",
)
SENTIMENTS = ("Interested", "Demo Scheduled", "Not Interested", "Call Back Later", "Company - Bad Fit")
STAGES = ("New", "Attempting", "Contacted", "Replied", "Qualified", "Bounced", "Do Not Contact", "Nurture")
ROLES = ("Admin", "Manager", "User")
JOBS = ("SDR / BDR", "Account Executive / Account Manager", "Sales Leadership", None)


def company(number: int) -> str:
    """The name of the n-th account."""
    word = ADJECTIVES[number % len(ADJECTIVES)]
    trade = TRADES[number // len(ADJECTIVES) % len(TRADES)]
    again = number // (len(ADJECTIVES) * len(TRADES))
    return f"{word} {trade}" + (f" {again + 1}" if again else "")
