package web

import "net/http"

// AskScript serves the module that the scripts of SignIn and Cards import: how they send operations, retry and show refusals. Its address
// is /ask.js.
func AskScript() http.Handler { return newAsset("ask.js", "text/javascript; charset=utf-8") }
