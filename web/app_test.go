package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"strings"
	"testing"
)

// budgets are the most that a page's first load may be, in KB of 1,000 bytes over the wire, compressed by gzip: the page itself, its script, its styles and the chunks that
// they import. What a page loads later, by import(), does not count.
var budgets = map[string]int{"my": 60, "track": 60, "round": 90, "board": 150, "signin": 60, "desk": 90}

func TestFirstLoadsStayWithinTheirBudgets(t *testing.T) {
	t.Parallel()
	files := AppFiles()
	for name, budget := range budgets {
		if manifest[name+"/main.tsx"].File == "" {
			t.Errorf("the front end has no page %s", name)
			continue
		}
		page := AppPage{Name: name, Title: name}
		total := len(body(t, get(t, page, "GET", "/"+name)))
		script, styles, chunks := page.files()
		for _, file := range append(append([]string{script}, styles...), chunks...) {
			r := get(t, files, "GET", "/app/"+file, "Accept-Encoding", "gzip")
			if r.StatusCode != http.StatusOK {
				t.Errorf("%s: %s: got %s", name, file, r.Status)
			}
			total += len(body(t, r))
		}
		t.Logf("%s: %.1f KB", name, float64(total)/1000)
		if total > budget*1000 {
			t.Errorf("%s: the first load is %d bytes, want at most %d KB", name, total, budget)
		}
	}
}

func TestAppPages(t *testing.T) {
	t.Parallel()
	t.Run("find their files behind a prefix", func(t *testing.T) {
		t.Parallel()
		for path, base := range map[string]string{"/my": "./", "/track/7K2QM": "../", "/print/labels/x": "../../"} {
			if text := string(body(t, get(t, AppPage{Name: "my"}, "GET", path))); !strings.Contains(text, `<base href="`+base+`">`) || strings.Contains(text, `"/app/`) {
				t.Errorf("%s: got %s", path, text)
			}
		}
	})
	t.Run("are kept by browsers file by file, but not as a whole", func(t *testing.T) {
		t.Parallel()
		script, _, _ := AppPage{Name: "my"}.files()
		if r := get(t, AppFiles(), "GET", "/app/"+script, "Accept-Encoding", "br, gzip"); r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || r.Header.Get("Content-Encoding") != "br" && len(body(t, r)) > packedFrom {
			t.Errorf("the script: got %v", r.Header)
		}
		if r := get(t, AppPage{Name: "my"}, "GET", "/my"); r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the page: got %v", r.Header)
		}
		if r := get(t, AppFiles(), "GET", "/app/no-such.js"); r.StatusCode != http.StatusNotFound {
			t.Errorf("an unknown file: got %s", r.Status)
		}
	})
	t.Run("keep what people wrote out of their markup", func(t *testing.T) {
		t.Parallel()
		hostile := `</script><script>alert(1)</script>`
		page := AppPage{Name: "my", Title: hostile, Given: func(context.Context) Given { return Given{Actors: []DeskActor{{Name: hostile}}} }}
		if text := string(body(t, get(t, page, "GET", "/my"))); strings.Contains(text, "<script>alert") {
			t.Errorf("got %s", text)
		}
	})
	t.Run("name icons that are served", func(t *testing.T) {
		t.Parallel()
		var manifest struct {
			Icons []struct{ Src, Sizes, Type string }
		}
		r := get(t, Installation(map[string]AppPage{"/round": {Name: "round", Title: "上楼 · Round", Offline: OfSquads}}), "GET", "/manifest.webmanifest?page=round")
		if err := json.Unmarshal(body(t, r), &manifest); err != nil || len(manifest.Icons) != 4 {
			t.Fatalf("got %v, %v", manifest, err)
		}
		for _, icon := range manifest.Icons {
			file := Icons()["/"+icon.Src]
			if file == nil {
				t.Errorf("%s is not served", icon.Src)
				continue
			}
			got := get(t, file, "GET", "/"+icon.Src)
			if got.Header.Get("Content-Type") != icon.Type {
				t.Errorf("%s: got type %s", icon.Src, got.Header.Get("Content-Type"))
			}
			if icon.Type != "image/png" {
				continue
			}
			drawn, err := png.DecodeConfig(bytes.NewReader(body(t, got)))
			if err != nil || fmt.Sprintf("%dx%d", drawn.Width, drawn.Height) != icon.Sizes {
				t.Errorf("%s: got %d × %d, %v; want %s", icon.Src, drawn.Width, drawn.Height, err, icon.Sizes)
			}
		}
		if Icons()["/apple-touch-icon.png"] == nil || !strings.Contains(string(body(t, get(t, AppPage{Name: "round", Offline: OfSquads}, "GET", "/round"))), `href="apple-touch-icon.png"`) {
			t.Error("iPhones have no icon")
		}
	})
	t.Run("compile WebAssembly only with a camera", func(t *testing.T) {
		t.Parallel()
		for _, camera := range []bool{false, true} {
			policy := get(t, AppPage{Name: "sorting", Camera: camera}, "GET", "/sorting").Header.Get("Content-Security-Policy")
			if strings.Contains(policy, "script-src 'self' 'wasm-unsafe-eval';") != camera || strings.Contains(policy, "'unsafe-eval'") {
				t.Errorf("camera %v: got policy %s", camera, policy)
			}
		}
	})
	t.Run("must be in the build", func(t *testing.T) {
		t.Parallel()
		defer func() {
			if recover() == nil {
				t.Error("a page that was not built is served")
			}
		}()
		AppPage{Name: "nowhere"}.files()
	})
}
