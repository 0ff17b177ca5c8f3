package web

import (
	"context"
	"net/http"
)

// SignIn is the page where a code becomes a sign-in. A code that its address carries stands behind #, which no browser
// sends. Its script is at /sign-in.js, which SignInScript serves.
func SignIn() http.Handler {
	return page{name: "signin.html", data: func(context.Context) any { return nil }, secret: true}
}

// SignInScript serves what SignIn loads.
func SignInScript() http.Handler { return newAsset("signin.js", "text/javascript; charset=utf-8") }
