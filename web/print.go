package web

import (
	"context"
	"net/http"
)

// Print serves the pages that the gate and the suppliers print: /print/manifest, the orders to sort, and /print/labels, a label for each bag. They
// are about the community, or about the building, arrival or order whose id follows in the path. The page uses the sign-in that SignIn keeps, and the
// script that PrintScript serves at /print.js.
func Print() http.Handler {
	return page{name: "print.html", data: func(context.Context) any { return nil }}
}

// PrintScript serves the script of Print.
func PrintScript() http.Handler { return newAsset("print.js", "text/javascript; charset=utf-8") }
