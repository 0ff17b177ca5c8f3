// Package web serves the pages of the program, embedded in the binary: the front page, GraphiQL with operations ready to
// run, and the pages for residents and the team. They load nothing from another host.
package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"net/http"
)

//go:embed *.html *.js icon.svg icons/*.png app/dist graphiql/dist operations
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// DeskActor is an actor that the reader can act as, and a description.
type DeskActor struct {
	Name  string `json:"name"` // as in "Authorization: Bearer dev:<name>"
	Role  string `json:"role"`
	About string `json:"about"` // in both languages

	Chinese string `json:"chinese"` // About in one language each
	English string `json:"english"`
}

// policy allows a page to load only files of this server. The nonce allows the styles that the page writes itself. Pages with a camera may
// compile WebAssembly, in which codes are read where the browser has no reader of its own; this allows no evaluation of scripts.
const policy = "default-src 'none'; script-src 'self'%s; style-src 'self' 'nonce-%s'; img-src 'self' data: blob:; font-src data:; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"

// page is a template with its data. It is rendered for every request, because a nonce is valid once.
type page struct {
	name   string
	data   func(context.Context) any
	secret bool // its address contains a code, so it sends no referrer
	camera bool // it may use the camera
}

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	nonce := rand.Text()
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, p.name, struct {
		Nonce string
		Data  any
	}{nonce, p.data(r.Context())}); err != nil {
		panic(fmt.Errorf("draw %s: %w", p.name, err)) // template and data are ours; net/http recovers and logs
	}
	h := w.Header()
	compiles := ""
	if p.camera {
		compiles = " 'wasm-unsafe-eval'"
		h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()")
	}
	h.Set("Content-Security-Policy", fmt.Sprintf(policy, compiles, nonce))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	if p.secret {
		h.Set("Referrer-Policy", "no-referrer")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body.Bytes())
}

// readOnly answers 405 to anything but GET and HEAD.
func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
	return false
}

// Text serves a text of the program, such as its schema.
func Text(text string) http.Handler { return assetOf([]byte(text), "text/plain; charset=utf-8") }
