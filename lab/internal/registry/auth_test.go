package registry

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

const blob = "/v2/builders/maven/blobs/sha256:00"

var allowed = http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) { response.WriteHeader(http.StatusOK) })

func status(handler http.Handler, method, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, nil)
	if change != nil {
		change(request)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestBasicAuthKnowsOneAccount(t *testing.T) {
	account := NewAccount()
	handler := WithBasicAuth(allowed, account)
	if code := status(handler, http.MethodGet, blob, nil).Code; code != http.StatusUnauthorized {
		t.Errorf("nobody: %d", code)
	}
	wrong := func(r *http.Request) { r.SetBasicAuth(account.Username, "guess") }
	if code := status(handler, http.MethodGet, blob, wrong).Code; code != http.StatusUnauthorized {
		t.Errorf("wrong password: %d", code)
	}
	right := func(r *http.Request) { r.SetBasicAuth(account.Username, account.Password) }
	if code := status(handler, http.MethodGet, blob, right).Code; code != http.StatusOK {
		t.Errorf("the account: %d", code)
	}
}

func TestTokenIsForItsScopeOnly(t *testing.T) {
	account := NewAccount()
	handler := WithTokenAuth(allowed, account, "http://registry.example.com")
	asked := status(handler, http.MethodGet, blob, nil)
	want := `Bearer realm="http://registry.example.com/token",service="lab",scope="repository:builders/maven:pull"`
	if got := asked.Header().Get("WWW-Authenticate"); asked.Code != http.StatusUnauthorized || got != want {
		t.Fatalf("%d, challenge %s", asked.Code, got)
	}
	issued := status(handler, http.MethodGet, "/token?scope=repository:builders/maven:pull",
		func(r *http.Request) { r.SetBasicAuth(account.Username, account.Password) })
	var answer struct{ Token string }
	if err := json.Unmarshal(issued.Body.Bytes(), &answer); err != nil || answer.Token == "" {
		t.Fatalf("no token: %v %s", err, issued.Body)
	}
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+answer.Token) }
	for _, c := range []struct {
		method, target string
		code           int
	}{
		{http.MethodGet, blob, http.StatusOK},
		{http.MethodHead, "/v2/builders/maven/manifests/3.9", http.StatusOK},
		{http.MethodPut, "/v2/builders/maven/manifests/3.9", http.StatusUnauthorized},
		{http.MethodGet, "/v2/builders/gradle/manifests/8", http.StatusUnauthorized},
	} {
		if code := status(handler, c.method, c.target, bearer).Code; code != c.code {
			t.Errorf("%s %s: %d, want %d", c.method, c.target, code, c.code)
		}
	}
}

func TestNoTokenWithoutTheAccount(t *testing.T) {
	handler := WithTokenAuth(allowed, NewAccount(), "http://registry.example.com")
	if code := status(handler, http.MethodGet, "/token?scope=repository:builders/maven:pull", nil).Code; code != http.StatusUnauthorized {
		t.Errorf("nobody: %d", code)
	}
}
