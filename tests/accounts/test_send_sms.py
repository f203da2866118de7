"""Text messages by the real gateway's rules, against a made-up one on a loopback port."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import aliyun, sms


def test_the_published_example_has_the_published_signature():
    """The worked example of Aliyun's page on signature method V3."""
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    request = aliyun.Request(
        "https://ecs.cn-shanghai.aliyuncs.com",
        "RunInstances",
        "2014-05-26",
        {"RegionId": "cn-shanghai", "ImageId": image},
    )
    headers = aliyun.signed_headers(
        request,
        aliyun.Keys("YourAccessKeyId", "YourAccessKeySecret"),
        now=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )
    signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    assert headers["Authorization"].endswith(f"Signature={signature}")


def test_chinese_and_signs_are_encoded_as_the_gateway_reads_them():
    request = aliyun.Request("https://h", "A", "1", {"b": "湖州 &+*~", "a": "/"})
    assert request.canonical_query == "a=%2F&b=%E6%B9%96%E5%B7%9E%20%26%2B%2A~"


def test_the_secret_does_not_print():
    assert "hush" not in repr(aliyun.Keys("id", "hush"))


@pytest.fixture
def gateway(settings):
    """A gateway that checks the signature as the real one does; ``says`` is its next answer."""

    class Gateway(BaseHTTPRequestHandler):
        says = {"Code": "OK"}
        heard = []

        def do_POST(self):
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            request = aliyun.Request(settings.SMS_ENDPOINT, "SendSms", "2017-05-25", query)
            when = datetime.strptime(self.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            expected = aliyun.signed_headers(
                request, aliyun.Keys("id", "hush"), now=when, nonce=self.headers["x-acs-signature-nonce"]
            )
            genuine = self.headers["Authorization"] == expected["Authorization"]
            Gateway.heard.append(query)
            body = Gateway.says if genuine else {"Code": "SignatureDoesNotMatch"}
            self.send_response(200 if body.get("Code") == "OK" else 400)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *args):
            """Say nothing."""

    Gateway.heard = []
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_BACKEND = "accounts.sms.AliyunBackend"
    settings.SMS_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_ACCESS_KEY_ID, settings.SMS_ACCESS_KEY_SECRET = "id", "hush"
    settings.SMS_SIGN_NAME = "湖州公安"
    settings.SMS_TEMPLATE_CODE, settings.SMS_TEMPLATE_NOTICE = "SMS_1", "SMS_2"
    yield Gateway
    server.shutdown()
    server.server_close()


def test_a_code_goes_by_the_template_of_codes(gateway):
    sms.send_code("+8613800001234", "123456", minutes=5)
    assert gateway.heard == [
        {
            "PhoneNumbers": "13800001234",
            "SignName": "湖州公安",
            "TemplateCode": "SMS_1",
            "TemplateParam": '{"code": "123456"}',
        }
    ]


def test_a_notice_goes_by_the_template_of_notices(gateway):
    sms.send("+8613800001234", "您的意见已答复")
    assert gateway.heard[0]["TemplateCode"] == "SMS_2"
    assert json.loads(gateway.heard[0]["TemplateParam"]) == {"text": "您的意见已答复"}


@pytest.mark.parametrize(
    ("code", "permanent"),
    [("isv.MOBILE_NUMBER_ILLEGAL", True), ("isv.BUSINESS_LIMIT_CONTROL", False), ("isp.SYSTEM_ERROR", False)],
)
def test_a_refusal_says_why_and_whether_to_try_again(gateway, code, permanent):
    gateway.says = {"Code": code, "Message": "no"}
    with pytest.raises(sms.SmsFailed) as refusal:
        sms.send("+8613800001234", "x")
    assert (refusal.value.code, refusal.value.permanent) == (code, permanent)


def test_a_wrong_secret_is_refused(gateway, settings):
    settings.SMS_ACCESS_KEY_SECRET = "wrong"
    with pytest.raises(sms.SmsFailed) as refusal:
        sms.send("+8613800001234", "x")
    assert refusal.value.code == "SignatureDoesNotMatch"


def test_an_answer_that_is_no_answer_is_a_failure(gateway, monkeypatch):
    monkeypatch.setattr(json, "dumps", lambda *args, **kwargs: "<html>")
    with pytest.raises(sms.SmsFailed) as refusal:
        sms.send("+8613800001234", "x")
    assert not refusal.value.permanent


def test_a_gateway_that_is_away_is_a_failure_to_try_again(settings, gateway):
    settings.SMS_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(sms.SmsFailed) as refusal:
        sms.send("+8613800001234", "x")
    assert (refusal.value.code, refusal.value.permanent) == ("ConnectionError", False)


def test_a_gateway_that_never_answers_does_not_hold_us(settings, gateway, monkeypatch):
    monkeypatch.setattr(sms.AliyunBackend, "TIMEOUT", (0.2, 0.2))
    silent = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # takes the connection and never serves it
    settings.SMS_ENDPOINT = f"http://127.0.0.1:{silent.server_port}"
    with pytest.raises(sms.SmsFailed) as refusal:
        sms.send("+8613800001234", "x")
    silent.server_close()
    assert refusal.value.code == "timeout"


def test_the_file_of_development_is_its_owners_alone(phones):
    sms.send_code("+8613800001234", "123456", minutes=5)
    assert phones.path.stat().st_mode & 0o077 == 0
    assert phones.code == "123456"


def test_the_console_tells_neither_number_nor_code(settings, capsys):
    settings.SMS_BACKEND = "accounts.sms.ConsoleBackend"
    sms.send_code("+8613800001234", "123456", minutes=5)
    said = capsys.readouterr().out
    assert "SMS (code" in said
    assert "123456" not in said
    assert "13800001234" not in said
