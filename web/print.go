package web

import (
	"context"
	"net/http"
)

// Print is the pages that the gate and the suppliers print: /print/manifest, the orders to sort, and /print/labels, a label for each bag, of the
// community, or of the building, arrival or order whose id follows. It uses the sign-in that SignIn keeps. Its script is at /print.js, which PrintScript
// serves.
func Print() http.Handler {
	return page{name: "print.html", data: func(context.Context) any { return nil }}
}

// PrintScript serves the script of Print.
func PrintScript() http.Handler { return newAsset("print.js", "text/javascript; charset=utf-8") }
