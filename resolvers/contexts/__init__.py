"""JSON-LD contexts, pinned by digest: the bundled ones, and those of the operator's own folder.

No context is ever fetched: a document that names another one is answered `unknown-context`.
"""

from resolvers.contexts.folder import ContextFolderError as ContextFolderError
from resolvers.contexts.folder import Revision as Revision
from resolvers.contexts.store import NOT_BUNDLED as NOT_BUNDLED
from resolvers.contexts.store import ContextStore as ContextStore
