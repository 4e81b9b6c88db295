"""What a request says of its own letters is not believed, and breaks nothing."""

from io import BytesIO

import pytest

from config.reading import Request, wsgi_application

pytestmark = pytest.mark.django_db
# They decode no text; they make lone surrogates; they can't be read.
ODD = [
    *("a/b; charset=base64", "a/b; charset=undefined", "a/b; charset=idna"),
    *("a/b; charset=unicode_escape", "a/b; charset=utf-7"),
    *("a/b; charset*=none''%41", f"a/b; c*0=a; c*{'9' * 5000}=b", "a/b; c*; c*0"),
]
FORM = "multipart/form-data; boundary=x"


@pytest.fixture
def application():
    return wsgi_application()


@pytest.fixture
def ask(application):
    def ask(path, kind, query="", body=b""):
        environ = {
            "REQUEST_METHOD": "POST" if body else "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "HTTP_COOKIE": f"csrftoken={'a' * 32}",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
        }
        return application.get_response(application.request_class(environ))

    return ask


@pytest.mark.parametrize("kind", ODD, ids=lambda kind: kind[:30])
def test_an_odd_type_changes_nothing(ask, kind):
    # A lone surrogate in each of the two.
    answer = ask("/accounts/organisation/", kind, r"organisation=\ud800x+2AA-")

    assert answer.status_code == 200
    assert rb"\ud800x 2aa-" in answer.content


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary*=none''%41", "multipart/form-data; a*; a*0"]
)
def test_a_form_without_a_boundary_that_can_be_read_is_a_bad_request(ask, kind):
    assert ask("/accounts/sign-in/", kind, body=b"a").status_code == 400


@pytest.mark.parametrize("name", ["name=a; name*; name*0", f"name=a; b*0=c; b*{'9' * 5000}=d"])
def test_a_part_that_can_not_be_read_breaks_nothing(ask, name):
    body = f"--x\r\nContent-Disposition: form-data; {name}\r\n\r\nb\r\n--x--\r\n".encode()

    assert ask("/accounts/sign-in/", FORM, body=body).status_code in (400, 403)


def test_a_form_is_read_with_its_files(application):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nZo\xc3\xab\r\n'
        b'--x\r\nContent-Disposition: form-data; name="b"; filename="c.txt"\r\n\r\nd\r\n--x--\r\n'
    )
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": f"{FORM}; charset=latin-1"}
    request = Request({**environ, "CONTENT_LENGTH": len(body), "wsgi.input": BytesIO(body)})

    assert request.POST["a"] == "Zoë"
    assert request.FILES["b"].read() == b"d"
