package registry

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

const (
	realm        = "lab"
	tokenPath    = "/token"
	tokenSeconds = 300
)

// Account is the only account of a registry with authentication.
type Account struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// NewAccount returns an account with a new random password.
func NewAccount() Account { return Account{Username: "builder", Password: rand.Text()} }

func (a Account) presentedIn(request *http.Request) bool {
	username, password, ok := request.BasicAuth()
	return ok && username == a.Username && subtle.ConstantTimeCompare([]byte(password), []byte(a.Password)) == 1
}

// WithBasicAuth allows only the account (RFC 7617).
func WithBasicAuth(next http.Handler, account Account) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if !account.presentedIn(request) {
			challenge(response, fmt.Sprintf("Basic realm=%q", realm))
			return
		}
		next.ServeHTTP(response, request)
	})
}

// tokenService implements what registries call token authentication: a challenge names a realm, and the realm issues an opaque token
// for one scope to the account.
type tokenService struct {
	next    http.Handler
	account Account
	origin  string
	lock    sync.Mutex
	scopes  map[string]string // by token
}

// WithTokenAuth requires a token for a registry at origin (scheme and address). The realm is at the same address.
func WithTokenAuth(next http.Handler, account Account, origin string) http.Handler {
	return &tokenService{next: next, account: account, origin: origin, scopes: map[string]string{}}
}

func (s *tokenService) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if request.URL.Path == tokenPath {
		s.issue(response, request)
		return
	}
	wanted := wantedScope(request)
	token, ok := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	if !ok || !s.covers(token, wanted) {
		challenge(response, fmt.Sprintf("Bearer realm=%q,service=%q,scope=%q", s.origin+tokenPath, realm, wanted))
		return
	}
	s.next.ServeHTTP(response, request)
}

func (s *tokenService) issue(response http.ResponseWriter, request *http.Request) {
	if !s.account.presentedIn(request) {
		http.Error(response, "wrong user or password", http.StatusUnauthorized)
		return
	}
	token := rand.Text()
	s.lock.Lock()
	s.scopes[token] = request.URL.Query().Get("scope")
	s.lock.Unlock()
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(map[string]any{"token": token, "expires_in": tokenSeconds})
}

func (s *tokenService) covers(token, wanted string) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	scope, ok := s.scopes[token]
	return ok && (wanted == scope || wanted+",push" == scope)
}

// wantedScope returns repository:NAME:pull, or pull,push for a request that changes the registry; empty for a request without a repository.
func wantedScope(request *http.Request) string {
	path := strings.TrimPrefix(request.URL.Path, "/v2/")
	for _, part := range []string{"/manifests/", "/blobs/", "/referrers/"} {
		if at := strings.LastIndex(path, part); at > 0 {
			if request.Method == http.MethodGet || request.Method == http.MethodHead {
				return "repository:" + path[:at] + ":pull"
			}
			return "repository:" + path[:at] + ":pull,push"
		}
	}
	return ""
}

func challenge(response http.ResponseWriter, value string) {
	response.Header().Set("WWW-Authenticate", value)
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(http.StatusUnauthorized)
	_, _ = response.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`))
}
