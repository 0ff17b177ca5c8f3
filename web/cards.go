package web

import (
	"context"
	"net/http"
)

// Cards is the page where the command centre, or an administrator, issues a building's household cards and prints them. It uses the sign-in
// that SignIn keeps. Its script is at /cards.js, which CardsScript serves.
func Cards() http.Handler {
	return page{name: "cards.html", data: func(context.Context) any { return nil }, secret: true}
}

// CardsScript serves the script of Cards.
func CardsScript() http.Handler { return newAsset("cards.js", "text/javascript; charset=utf-8") }
