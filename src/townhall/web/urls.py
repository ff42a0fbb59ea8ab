"""Which page answers which address."""

from django.urls import include, path

from townhall.web.api.site import addresses
from townhall.web.pages import (
    approvals,
    channels,
    composer,
    conversation,
    crisis,
    errors,
    first,
    inbox,
    live,
    notices,
    onboarding,
    prefer,
    search,
    staff,
    style,
)

urlpatterns = [
    path("", inbox.home, name="home"),
    path("first/<str:secret>/", first.first_administrator, name="first"),
    path("accounts/", include("allauth.urls")),
    path("inbox/", inbox.page, name="inbox"),
    path("inbox/news/", inbox.news, name="inbox_news"),
    path("inbox/next/", inbox.next_case, name="inbox_next"),
    path("inbox/filters/", inbox.keep_filter, name="inbox_filters"),
    path("case/<int:case_id>/", conversation.page, name="case"),
    path("case/<int:case_id>/act/<slug:act>/", conversation.act, name="case_act"),
    path("case/<int:case_id>/undo/<int:change_id>/", conversation.undo, name="case_undo"),
    path("case/<int:case_id>/note/", conversation.note, name="case_note"),
    path("case/<int:case_id>/presence/", conversation.presence, name="case_presence"),
    path("case/<int:case_id>/draft/", composer.save, name="draft"),
    path("case/<int:case_id>/send/", composer.send, name="send"),
    path("release/<int:release_id>/withdraw/", composer.withdraw, name="withdraw"),
    path("release/<int:release_id>/settle/", composer.settle, name="settle"),
    path("approvals/", approvals.page, name="approvals"),
    path("approvals/<int:release_id>/", approvals.decide, name="decide"),
    path("search/", search.page, name="search"),
    path("figures/", live.page, name="live"),
    path("figures/attention/<int:item_id>/", live.acknowledge, name="acknowledge"),
    path("figures/<slug:metric>/", live.metric, name="metric"),
    path("stop/", crisis.page, name="stop"),
    path("stop/act/", crisis.act, name="stop_act"),
    path("channels/", channels.page, name="channels"),
    path("channels/connect/", channels.connect, name="connect"),
    path("channels/observe/", channels.observe, name="observe"),
    path("people/", staff.page, name="people"),
    path("people/tokens/", staff.tokens, name="tokens"),
    path("people/<int:staff_id>/", staff.one, name="person"),
    path("start/", onboarding.page, name="start"),
    path("start/brand/", onboarding.brand, name="start_brand"),
    path("notices/", notices.page, name="notices"),
    path("notices/<int:notice_id>/", notices.acknowledge, name="notice_acknowledge"),
    path("settings/", prefer.page, name="settings"),
    path("settings/brand/", prefer.switch, name="switch_brand"),
    path("style/", style.page, name="style"),
    path("api/", include(addresses())),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
