package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Keeper is a service worker that keeps pages which begin without a network, and their files. Each has a cache of its own.
type Keeper string

// The keepers.
const (
	OfSquads    Keeper = "squads"    // of the volunteers' pages, for the whole program
	OfResidents Keeper = "residents" // of the resident's page alone: residents must not download the files of the squads
)

// OfflineWorker serves the service workers: the one that the query's "of" names, else that of the squads. apps are the pages by their addresses. Serve it at the
// program's root, whose pages the workers may then answer for; behind a path prefix that is the prefix.
func OfflineWorker(apps map[string]AppPage) http.Handler {
	workers := map[Keeper]http.Handler{OfSquads: offlineWorker(apps, OfSquads), OfResidents: offlineWorker(apps, OfResidents)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		worker := workers[cmp.Or(Keeper(r.URL.Query().Get("of")), OfSquads)]
		if worker == nil {
			http.NotFound(w, r)
			return
		}
		// A worker has the policy of its own answer, and fetches the pages' files.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		worker.ServeHTTP(w, r)
	})
}

func offlineWorker(apps map[string]AppPage, of Keeper) http.Handler {
	var shells, kept []string
	for address, p := range apps {
		if p.Offline == of {
			shells = append(shells, strings.TrimPrefix(address, "/"))
			kept = append(kept, p.all()...)
		}
	}
	slices.Sort(shells)
	slices.Sort(kept)
	// The code reader is loaded when the camera is opened. Phones whose browser reads codes must not download it.
	kept = slices.DeleteFunc(slices.Compact(kept), func(file string) bool { return strings.HasSuffix(file, ".wasm") })
	script, err := files.ReadFile("sw.js")
	if err != nil {
		panic(err)
	}
	// The version changes with the files, and with what the program writes into the shells.
	frame, err := files.ReadFile("app.html")
	if err != nil {
		panic(err)
	}
	version := fmt.Sprintf("%x", sha256.Sum256(slices.Concat(frame, script, []byte(strings.Join(append(shells, kept...), "\n")))))[:16]
	list, err := json.Marshal(map[string]any{"of": of, "version": version, "shells": shells, "files": kept})
	if err != nil {
		panic(err)
	}
	return assetOf(slices.Concat([]byte("const kept = "), list, []byte(";\n"), script), "text/javascript; charset=utf-8")
}

// all returns the page's files in /app/, also those that it loads later.
func (p AppPage) all() []string {
	seen := map[string]bool{}
	var out []string
	var visit func(key string)
	visit = func(key string) {
		if seen[key] {
			return
		}
		seen[key] = true
		entry := manifest[key]
		for _, file := range slices.Concat([]string{entry.File}, entry.CSS, entry.Assets) {
			out = append(out, "app/"+file)
		}
		for _, next := range slices.Concat(entry.Imports, entry.Later) {
			visit(next)
		}
	}
	visit(p.Name + "/main.tsx")
	return out
}

// Installation serves the manifest with which the page that the query names is installed on a phone.
func Installation(apps map[string]AppPage) http.Handler {
	all := map[string]http.Handler{}
	for address, p := range apps {
		if p.Offline == "" {
			continue
		}
		name, _, _ := strings.Cut(p.Title, " · ")
		path := "./" + strings.TrimPrefix(address, "/")
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(map[string]any{
			"start_url": path, "scope": "./", "display": "standalone", "name": "保供 · " + name, "short_name": name, "lang": "zh-CN",
			"background_color": "#ffffff", "theme_color": "#0b5fb0",
			"icons": icons,
		}); err != nil {
			panic(err)
		}
		all[p.Name] = assetOf(b.Bytes(), "application/manifest+json")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m, ok := all[r.URL.Query().Get("page")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		m.ServeHTTP(w, r)
	})
}

// icons are the icons in the manifest of an installed page. Not every phone accepts SVG.
var icons = []map[string]string{
	{"src": "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
	{"src": "icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
	{"src": "icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
	{"src": "icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
}

// Icons returns the icons of the installed pages by path. web/icons/draw.mjs makes the PNG files.
func Icons() map[string]http.Handler {
	all := map[string]http.Handler{"/icon.svg": newAsset("icon.svg", "image/svg+xml")}
	for _, name := range []string{"icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png"} {
		all["/"+name] = newAsset("icons/"+name, "image/png")
	}
	return all
}
