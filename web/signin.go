package web

import (
	"context"
	"net/http"
)

// SignIn serves the page that turns a code into a sign-in. A code in its address follows a #, so browsers do not send it.
// SignInScript serves its script, at /sign-in.js.
func SignIn() http.Handler {
	return page{name: "signin.html", data: func(context.Context) any { return nil }, secret: true}
}

// SignInScript serves the script of SignIn.
func SignInScript() http.Handler { return newAsset("signin.js", "text/javascript; charset=utf-8") }
