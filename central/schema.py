"""The whole schema: whoever needs all tables, as the migrations do, takes them from here."""

from central import sync_tables
from central.access_rules import tables as access_rules
from central.audit import tables as audit
from central.booth import tables as booth
from central.cards import tables as cards
from central.codes import tables as codes
from central.contractors import tables as contractors
from central.duty import tables as duty
from central.erasure import tables as erasure
from central.files import tables as files
from central.goods import tables as goods
from central.ledger import tables as ledger
from central.log import tables as log
from central.looks import tables as looks
from central.office_keys import tables as office_keys
from central.people import tables as people
from central.places import tables as places
from central.privacy import tables as privacy
from central.records import tables as records
from central.retention import tables as retention
from central.rules_changes import tables as rules_changes
from central.spaces import tables as spaces
from central.tables import Base
from central.tree import tables as tree
from central.users import tables as users
from central.vehicles import tables as vehicles
from central.visits import tables as visits
from central.workflows import tables as workflows

PARTS = (
    sync_tables,
    access_rules,
    audit,
    booth,
    cards,
    codes,
    contractors,
    duty,
    erasure,
    files,
    goods,
    ledger,
    log,
    looks,
    office_keys,
    people,
    places,
    privacy,
    records,
    retention,
    rules_changes,
    spaces,
    tree,
    users,
    vehicles,
    visits,
    workflows,
)
metadata = Base.metadata
