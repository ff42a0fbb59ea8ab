"""What the pages are given: frozen values, one family a page. Times are microseconds UTC, ``0`` means "none"."""

from townhall.desk.views.approvals import ApprovalItem, ApprovalQueue, ReasonCount
from townhall.desk.views.clocks import ClockView, Holder
from townhall.desk.views.composer import ComposerFacts, DraftView, MacroView, MoveView, ReleaseView
from townhall.desk.views.conversation import (
    Author,
    CaseFacts,
    ConversationView,
    Edit,
    HistoryItem,
    IdentityView,
    NoteView,
    OtherThread,
    PersonView,
    Photo,
    PostView,
    PromiseView,
    Viewer,
)
from townhall.desk.views.inbox import ChannelBehind, InboxFilter, InboxGroup, InboxPage, InboxRow, SavedFilter
from townhall.desk.views.live import (
    AttentionItem,
    ChannelHealth,
    Figure,
    HeldReason,
    Lag,
    LiveView,
    RisingTopic,
    Verdict,
    VolumeSeries,
)
from townhall.desk.views.notices import Notice
from townhall.desk.views.search import PersonHit, SearchHit, SearchResults

__all__ = [
    "ApprovalItem",
    "ApprovalQueue",
    "AttentionItem",
    "Author",
    "CaseFacts",
    "ChannelBehind",
    "ChannelHealth",
    "ClockView",
    "ComposerFacts",
    "ConversationView",
    "DraftView",
    "Edit",
    "Figure",
    "HeldReason",
    "HistoryItem",
    "Holder",
    "IdentityView",
    "InboxFilter",
    "InboxGroup",
    "InboxPage",
    "InboxRow",
    "Lag",
    "LiveView",
    "MacroView",
    "MoveView",
    "NoteView",
    "Notice",
    "OtherThread",
    "PersonHit",
    "PersonView",
    "Photo",
    "PostView",
    "PromiseView",
    "ReasonCount",
    "ReleaseView",
    "RisingTopic",
    "SavedFilter",
    "SearchHit",
    "SearchResults",
    "Verdict",
    "Viewer",
    "VolumeSeries",
]
