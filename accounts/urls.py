"""Addresses under /accounts/: our own, and those of allauth that this house opens in its own way."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from accounts import sign_in, views, welcome

own = [
    path("notifications/", views.inbox, name="notifications"),
    path("notifications/read/", views.read_all, name="read_all"),
    path("notifications/failed/", views.failures, name="failures"),
    path("notifications/failed/<int:pk>/again/", views.send_again, name="send_again"),
    path("notifications/<int:pk>/", views.open_notification, name="notification"),
    path("verify/", views.verify, name="verify"),
    path("phone/", views.change_phone, name="phone"),
    path("phone/code/", views.confirm_phone, name="phone_code"),
    path("welcome/", login_not_required(welcome.badge), name="welcome"),
    path("welcome/code/", login_not_required(welcome.code), name="welcome_code"),
    path("welcome/password/", login_not_required(welcome.password), name="welcome_password"),
    path("sign-out-others/", views.sign_out_others, name="sign_out_others"),
]

# named as allauth names them, so that its own redirects land here; what is not in the route table stays shut
urlpatterns = [
    path("", include((own, "accounts"))),
    path("login/", login_not_required(sign_in.PhoneView.as_view()), name="account_login"),
    path("login/code/confirm/", sign_in.CodeView.as_view(), name="account_confirm_login_code"),
    path("login/code/", sign_in.to_login, name="account_request_login_code"),
    path("staff/", sign_in.StaffLoginView.as_view(), name="account_staff_login"),
    path("signup/", sign_in.to_login, name="account_signup"),
    path("inactive/", sign_in.inactive, name="account_inactive"),
]
