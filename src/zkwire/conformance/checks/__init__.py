"""The checks, one module a group.  Importing this package registers all of them."""

# In the order in which they are run and reported: ruff would have it alphabetical.
# isort: off
from zkwire.conformance.checks import acl as acl
from zkwire.conformance.checks import auth as auth
from zkwire.conformance.checks import children as children
from zkwire.conformance.checks import create as create
from zkwire.conformance.checks import data as data
from zkwire.conformance.checks import delete as delete
from zkwire.conformance.checks import ensemble as ensemble
from zkwire.conformance.checks import frames as frames
from zkwire.conformance.checks import handshake as handshake
from zkwire.conformance.checks import headers as headers
from zkwire.conformance.checks import multi as multi
from zkwire.conformance.checks import multi_read as multi_read
from zkwire.conformance.checks import opcodes as opcodes
from zkwire.conformance.checks import ordering as ordering
from zkwire.conformance.checks import persistent_watches as persistent_watches
from zkwire.conformance.checks import quota as quota
from zkwire.conformance.checks import reconfig as reconfig
from zkwire.conformance.checks import remove_watches as remove_watches
from zkwire.conformance.checks import sessions as sessions
from zkwire.conformance.checks import set_watches as set_watches
from zkwire.conformance.checks import special_nodes as special_nodes
from zkwire.conformance.checks import watches as watches
from zkwire.conformance.checks import words as words
