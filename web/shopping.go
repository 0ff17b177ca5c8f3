package web

import (
	"context"
	"net/http"
)

// Shopping is the page /shopping, where a volunteer reads and prints what to buy in one walk through the shop, and leads, the commander and
// administrators the lists of others. It uses the sign-in that SignIn keeps, and the script that ShoppingScript serves at /shopping.js.
func Shopping() http.Handler {
	return page{name: "shopping.html", data: func(context.Context) any { return nil }}
}

// ShoppingScript serves the script of Shopping.
func ShoppingScript() http.Handler { return newAsset("shopping.js", "text/javascript; charset=utf-8") }
