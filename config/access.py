"""The route table: what every address needs, as (object, action) of the policy table.

A row is one pair for every method, or a dict by method. ``"namespace:*"`` serves all of a namespace that has no row
of its own. An address without a row does not open (``core.middleware``), and a test walks them all.
"""

from core.middleware import Route

OPEN: Route = ("page", "open")
OWN: Route = ("page", "own")
DESK: Route = ("page", "desk")
READ: Route = ("suggestion", "read")
FOLLOW: Route = ("suggestion", "follow")
PUBLISHED: Route = ("published suggestion", "read")

ROUTES: dict[str, Route | dict[str, Route]] = {
    # core
    "core:preferences": OPEN,
    "core:styleguide": OPEN,
    "set_language": OPEN,
    "health_live": OPEN,
    "health_ready": OPEN,
    "health_deep": OPEN,
    "metrics": OPEN,  # the view asks for a token or a loopback address
    # portal
    "portal:home": OPEN,
    "portal:open": OPEN,
    "portal:open_data": OPEN,
    "portal:open_file": OPEN,
    "portal:audit_heads": OPEN,
    "portal:me": OWN,
    "portal:export": OWN,
    "portal:delete": OWN,
    # directory, plaza
    "directory:officers": OPEN,
    "directory:units": OPEN,
    "directory:unit": OPEN,
    "directory:areas": OPEN,
    "plaza:index": OPEN,
    "plaza:day": OPEN,
    # suggestions: the citizen
    "suggestions:board": PUBLISHED,
    "suggestions:case": PUBLISHED,
    "suggestions:attachment": PUBLISHED,
    "suggestions:support": ("suggestion", "support"),
    "suggestions:new": ("suggestion", "submit"),
    "suggestions:similar": ("suggestion", "submit"),
    "suggestions:guess": ("suggestion", "submit"),
    "suggestions:receipt": OPEN,
    "suggestions:receipt_qr": OPEN,
    "suggestions:track": OPEN,
    "suggestions:track_case": FOLLOW,
    "suggestions:track_rate": FOLLOW,
    "suggestions:track_confirm": FOLLOW,
    "suggestions:track_reopen": FOLLOW,
    "suggestions:track_add": FOLLOW,
    "suggestions:track_answer": FOLLOW,
    "suggestions:track_withdraw": FOLLOW,
    "suggestions:track_attachment": FOLLOW,
    # suggestions: the desk; what a verb on a case needs, the service asks
    "suggestions:desk": DESK,
    "suggestions:desk_bulk": ("suggestion", "triage"),
    "suggestions:desk_case": DESK,
    "suggestions:desk_act": DESK,
    "suggestions:desk_attachment": DESK,
    "suggestions:intake": ("suggestion", "intake"),
    "suggestions:follow_ups": ("suggestion", "follow up"),
    "suggestions:follow_up": ("suggestion", "follow up"),
    "suggestions:extensions": DESK,
    "suggestions:identity": ("identity", "open"),
    "suggestions:openings": ("identity", "approve"),
    "suggestions:opening_approve": ("identity", "approve"),
    "suggestions:rules": ("routing", "edit"),
    "suggestions:rule": ("routing", "edit"),
    "suggestions:rule_new": ("routing", "edit"),
    "suggestions:rule_test": ("routing", "edit"),
    "suggestions:rule_delete": ("routing", "edit"),
    "suggestions:reply_templates": ("template", "edit"),
    "suggestions:reply_template": ("template", "edit"),
    "suggestions:reply_template_new": ("template", "edit"),
    # annual_projects
    "annual_projects:index": ("edition", "read"),
    "annual_projects:edition": ("edition", "read"),
    "annual_projects:candidate": ("edition", "read"),
    "annual_projects:project": ("edition", "read"),
    "annual_projects:photo": ("edition", "read"),
    "annual_projects:nominate": ("nomination", "submit"),
    "annual_projects:join": ("nomination", "submit"),
    "annual_projects:take_back": ("nomination", "submit"),
    "annual_projects:rate": ("project", "rate"),
    "annual_projects:desk_index": ("edition", "inspect"),
    "annual_projects:desk_edition": ("edition", "inspect"),
    "annual_projects:desk_new": ("edition", "decide"),
    "annual_projects:desk_plan": ("edition", "decide"),
    "annual_projects:desk_advance": ("edition", "decide"),
    "annual_projects:desk_demand": ("demand", "read"),
    "annual_projects:desk_make_candidate": ("edition", "prepare"),
    "annual_projects:desk_candidates": ("edition", "prepare"),
    "annual_projects:desk_candidate": ("edition", "prepare"),
    "annual_projects:desk_candidate_act": ("edition", "prepare"),
    "annual_projects:desk_freeze": ("edition", "inspect"),
    "annual_projects:desk_freeze_step": ("edition", "prepare"),
    "annual_projects:desk_projects": ("edition", "inspect"),
    "annual_projects:desk_project": ("edition", "inspect"),
    "annual_projects:desk_project_act": ("project", "report"),
    "annual_projects:desk_step": ("project", "report"),
    "annual_projects:desk_hide": ("project", "settle"),
    # voting
    # evaluations
    # accounts
    "account_login": OPEN,
    "account_staff_login": OPEN,
    "account_request_login_code": OPEN,
    "account_confirm_login_code": OPEN,
    "account_signup": OPEN,
    "account_logout": OPEN,
    "account_inactive": OPEN,
    "account_reauthenticate": OWN,
    "account_change_password": OWN,
    "mfa_authenticate": OPEN,
    "mfa_login_webauthn": OPEN,
    "mfa_index": OWN,
    "mfa_reauthenticate": OWN,
    "mfa_reauthenticate_webauthn": OWN,
    "mfa_activate_totp": OWN,
    "mfa_deactivate_totp": OWN,
    "mfa_list_webauthn": OWN,
    "mfa_add_webauthn": OWN,
    "mfa_edit_webauthn": OWN,
    "mfa_remove_webauthn": OWN,
    "mfa_view_recovery_codes": OWN,
    "mfa_generate_recovery_codes": OWN,
    "mfa_download_recovery_codes": OWN,
    "openid_connect_login": OPEN,
    "openid_connect_callback": OPEN,
    "socialaccount_login_cancelled": OPEN,
    "socialaccount_login_error": OPEN,
    "accounts:*": OWN,
    "accounts:failures": ("notification", "failures"),
    "accounts:send_again": ("notification", "failures"),
    # API
    "api_schema": OPEN,
    "api_docs": OPEN,
    # third parties guard themselves: allauth by its own views, the back office by is_staff
    "admin:*": OPEN,
}
