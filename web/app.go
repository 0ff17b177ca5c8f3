package web

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Given is what the program writes into the head of a page of the front end, for its script.
type Given struct {
	Actors    []DeskActor  `json:"actors"`    // the reader can act as these; empty if people sign in
	TimeOfDay []string     `json:"timeOfDay"` // of the demonstration's estate, in Chinese and English; nil elsewhere
	Clock     *EstateClock `json:"clock"`     // nil where the estate's clock is the world's
	DeskPhone string       `json:"deskPhone"` // of the community, for pages without a sign-in; "" elsewhere
	TimeZone  string       `json:"timeZone"`  // of the community, for pages without a sign-in; "" elsewhere
}

// EstateClock is the clock of a demonstration's estate, which may run faster than the world's.
type EstateClock struct {
	At    time.Time `json:"at"`    // what it shows now
	Speed float64   `json:"speed"` // how many times faster it runs
}

// Refusal is the reason why there is no page, in both languages.
type Refusal struct{ Chinese, English string }

// AppPage is a page of the front end: a folder of web/app with its build in web/app/dist.
type AppPage struct {
	Name   string                      // of the folder
	Title  string                      // in both languages; the script replaces it
	Secret bool                        // its address contains a code, so it sends no referrer
	Given  func(context.Context) Given // nil for nothing

	Refusal *Refusal // shown instead of the page, which then has no script; nil for none
	Offline Keeper   // what keeps the page, so that it begins without a network and can be installed; "" for nothing
	Camera  bool     // it reads codes with the camera
}

// built is what the build's manifest says about one of its entries.
type built struct {
	File    string   `json:"file"`
	Src     string   `json:"src"`
	CSS     []string `json:"css"`
	Imports []string `json:"imports"`
	Later   []string `json:"dynamicImports"`
	Assets  []string `json:"assets"`
}

// manifest is the build's own list of its files.
var manifest = func() map[string]built {
	b, err := files.ReadFile("app/dist/manifest.json")
	if err != nil {
		panic(err)
	}
	var list map[string]built
	if err := json.Unmarshal(b, &list); err != nil {
		panic(fmt.Errorf("read the manifest of the front end: %w", err))
	}
	return list
}()

// shell holds the values of the template of the front end's pages.
type shell struct {
	Root, Title, Script string
	Styles, Chunks      []string
	Given               Given
	Refusal             *Refusal
	Installs            string // the page's name if it can be installed
}

// ServeHTTP serves the page's shell. Its addresses are relative to the program's root, which it finds from the depth of the request's path,
// so that the program works behind a prefix that a proxy strips.
func (p AppPage) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler(r).ServeHTTP(w, r) }

// Answer serves the page's shell with a status.
func (p AppPage) Answer(w http.ResponseWriter, r *http.Request, status int) {
	p.handler(r).ServeHTTP(&early{w, status}, r)
}

// early is an answer with a status.
type early struct {
	http.ResponseWriter
	status int
}

func (e *early) Write(b []byte) (int, error) {
	if e.status != 0 {
		e.WriteHeader(e.status)
		e.status = 0
	}
	return e.ResponseWriter.Write(b)
}

func (p AppPage) handler(r *http.Request) page {
	root := "./"
	if depth := strings.Count(r.URL.Path, "/"); depth > 1 {
		root = strings.Repeat("../", depth-1)
	}
	return page{name: "app.html", secret: p.Secret, camera: p.Camera, data: func(ctx context.Context) any {
		s := shell{Root: root, Title: p.Title, Refusal: p.Refusal}
		s.Script, s.Styles, s.Chunks = p.files()
		if p.Offline != "" {
			s.Installs = p.Name
		}
		if p.Given != nil {
			s.Given = p.Given(ctx)
		}
		if s.Given.Actors == nil {
			s.Given.Actors = []DeskActor{}
		}
		return s
	}}
}

// files returns the page's script, and the styles and chunks that it loads, in the order in which they are needed. It panics if there is no
// such page.
func (p AppPage) files() (script string, styles, chunks []string) {
	var visit func(key string)
	visit = func(key string) {
		entry := manifest[key]
		for _, imported := range entry.Imports {
			if file := manifest[imported].File; !slices.Contains(chunks, file) {
				visit(imported)
				chunks = append(chunks, file)
			}
		}
		for _, style := range entry.CSS {
			if !slices.Contains(styles, style) {
				styles = append(styles, style)
			}
		}
	}
	key := p.Name + "/main.tsx"
	if manifest[key].File == "" {
		panic("web: the front end has no page " + p.Name)
	}
	visit(key)
	return manifest[key].File, styles, chunks
}

// AppFiles serves the build of the front end. Mount it at /app/. The names of its files change with their contents, so that browsers keep them
// for a year.
func AppFiles() http.Handler {
	entries, err := files.ReadDir("app/dist")
	if err != nil {
		panic(err)
	}
	all := map[string]http.Handler{}
	for _, e := range entries {
		a := newAsset("app/dist/"+e.Name(), contentType(e.Name()))
		a.forever = e.Name() != "LICENSES.txt" && e.Name() != "manifest.json"
		all[e.Name()] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := all[strings.TrimPrefix(r.URL.Path, "/app/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		file.ServeHTTP(w, r)
	})
}

// contentType returns the type of a file of the build. Types of the machine's own tables are not asked for what browsers refuse under another.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}
