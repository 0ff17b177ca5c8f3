package web

import (
	"context"
	"net/http"
)

// Report is the page /report, where leads, the commander and administrators read and print the numbers of a day. It uses the sign-in that SignIn
// keeps, and the script that ReportScript serves at /report.js.
func Report() http.Handler {
	return page{name: "report.html", data: func(context.Context) any { return nil }}
}

// ReportScript serves the script of Report.
func ReportScript() http.Handler { return newAsset("report.js", "text/javascript; charset=utf-8") }
