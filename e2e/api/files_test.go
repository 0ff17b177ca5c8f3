package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/db"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// photoOf is a JPEG of the size, as a phone makes it: with EXIF that names a place.
func photoOf(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00GPS 30.7N 111.3E 王秀英"
	return slices.Concat(b.Bytes()[:2], []byte{0xff, 0xe1, 0, byte(2 + len(exif))}, []byte(exif), b.Bytes()[2:])
}

// fileAnswer is the answer to a request for a file.
type fileAnswer struct {
	status int
	header http.Header
	body   []byte
}

// reason is the reason of a refusal.
func (a fileAnswer) reason(t testing.TB) string {
	t.Helper()
	var r house.Response
	if err := json.Unmarshal(a.body, &r); err != nil || len(r.Errors) != 1 {
		t.Fatalf("got %d, %.200s, want one error", a.status, a.body)
	}
	return fmt.Sprint(r.Errors[0].Extensions["reason"])
}

// file sends a request for a file as an actor, with headers in pairs.
func file(t testing.TB, h *house.Program, actor, method, path string, body io.Reader, headers ...string) fileAnswer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(h.URL, "/graphql")+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if actor != "" {
		req.Header.Set("Authorization", house.Bearer(actor))
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	house.CheckPrivate(t, path, text)
	return fileAnswer{res.StatusCode, res.Header, text}
}

// put sends a photo and returns the answer and, if it was kept, its path.
func put(t testing.TB, h *house.Program, actor string, data []byte, more ...string) (fileAnswer, string) {
	t.Helper()
	a := file(t, h, actor, http.MethodPut, "/files", bytes.NewReader(data), append([]string{"Content-Type", "image/jpeg"}, more...)...)
	return a, a.header.Get("Location")
}

// Behind a proxy that strips a prefix, the paths of photos are those below the proxy.
func TestPathsOfPhotosHaveThePublicPath(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.PublicURL = "https://street.example/baogong/" })
	a, path := put(t, e.Program, "D01", photoOf(t, 60, 40))
	below, found := strings.CutPrefix(path, "/baogong/files/")
	if a.status != http.StatusCreated || !found {
		t.Fatalf("got %d and %q, want a path below /baogong/files/", a.status, path)
	}
	var got struct {
		LogStrays struct {
			Results []struct{ Stray *struct{ PhotoURL string } }
		}
	}
	e.Must("D01", `mutation ($in: LogStraysInput!) { logStrays(input: $in) { results { stray { photoUrl } } } }`,
		obj{"in": obj{"communityId": e.Community, "strays": []obj{{"place": "3 号架", "photoId": below}}}}, &got)
	if s := got.LogStrays.Results[0].Stray; s == nil || s.PhotoURL != path {
		t.Errorf("got %+v, want the photo at %s", s, path)
	}
	if shown := file(t, e.Program, "D01", http.MethodGet, "/files/"+below, nil); shown.status != http.StatusOK {
		t.Errorf("got %d, want the photo", shown.status)
	}
}

func TestPhotoGoesInAndComesOut(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	sent := photoOf(t, 600, 400)
	a, path := put(t, e.Program, "S01", sent)
	var kept struct {
		ID, MediaType string
		Bytes         int
		ExpiresAt     time.Time
	}
	if err := json.Unmarshal(a.body, &kept); err != nil || a.status != http.StatusCreated || path != "/files/"+kept.ID || kept.MediaType != "image/jpeg" {
		t.Fatalf("got %d, %q, %s, want it kept", a.status, path, a.body)
	}
	if left := time.Until(kept.ExpiresAt); left < delivery.FileWaits-time.Hour || left > delivery.FileWaits {
		t.Errorf("it is kept for %v, want a day", left)
	}
	if again, same := put(t, e.Program, "S01", sent); same != path || again.status != http.StatusCreated {
		t.Errorf("sent again: got %d and %q, want %q", again.status, same, path)
	}
	got := file(t, e.Program, "S01", http.MethodGet, path, nil)
	if got.status != http.StatusOK || len(got.body) != kept.Bytes || bytes.Contains(got.body, []byte("GPS")) || !bytes.Contains(got.body, []byte("Exif")) {
		t.Fatalf("got %d and %d bytes, want %d without a place, and with the orientation", got.status, len(got.body), kept.Bytes)
	}
	want, shown := decoded(t, sent), decoded(t, got.body)
	if !slices.Equal(want.Y, shown.Y) || !slices.Equal(want.Cb, shown.Cb) || !slices.Equal(want.Cr, shown.Cr) {
		t.Error("its pixels changed")
	}
	for name, value := range map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Content-Length": strconv.Itoa(kept.Bytes)} {
		if got.header.Get(name) != value {
			t.Errorf("%s: got %q, want %q", name, got.header.Get(name), value)
		}
	}
	if head := file(t, e.Program, "S01", http.MethodHead, path, nil); head.status != http.StatusOK || head.header.Get("Content-Length") != strconv.Itoa(kept.Bytes) || len(head.body) != 0 {
		t.Errorf("HEAD: got %d and %v", head.status, head.header)
	}

	hidden := func(what string, actors ...string) {
		for _, actor := range actors {
			if a := file(t, e.Program, actor, http.MethodGet, path, nil); a.status != http.StatusNotFound || a.reason(t) != "FILE_GONE" {
				t.Errorf("%s, %s: got %d, want 404", what, actor, a.status)
			}
		}
	}
	hidden("before it is attached", "C01", "S00", "S07", "T01", "E6-1-1103", "caiban", "city", "admin")
	id, _ := delivery.ParseID(kept.ID)
	home, _ := delivery.ParseID(e.Homes["E6-1-1103"])
	building, _ := delivery.ParseID(e.Buildings["E6"])
	actor, err := e.Store.UnscopedActorNamed(t.Context(), "S01", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Verbs.InTx(t.Context(), func(tx *db.Tx) error {
		return e.Verbs.AttachFile(t.Context(), tx, actor, id, delivery.Keys{Community: id.Community, Building: building.UUID, Household: home.UUID})
	}); err != nil {
		t.Fatal(err)
	}
	for _, actor := range []string{"C01", "S00", "S01", "E6-1-1103", "admin"} {
		if a := file(t, e.Program, actor, http.MethodGet, path, nil); a.status != http.StatusOK {
			t.Errorf("%s: got %d, want the photo of their door", actor, a.status)
		}
	}
	hidden("once it is attached", "S07", "T01", "D01", "E6-1-1203", "caiban", "city")
	if a := file(t, e.Program, "", http.MethodGet, path, nil); a.status != http.StatusUnauthorized || a.reason(t) != "SIGN_IN" {
		t.Errorf("anonymous: got %d, want 401", a.status)
	}
}

func decoded(t testing.TB, data []byte) *image.YCbCr {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*image.YCbCr)
}

// endless sends zeros for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestUnfitUploadsAreRefused(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	var pic bytes.Buffer
	if err := png.Encode(&pic, image.NewGray(image.Rect(0, 0, 12_001, 1))); err != nil {
		t.Fatal(err)
	}
	jpg := photoOf(t, 8, 8)
	const kind = "Content-Type"
	for name, c := range map[string]struct {
		actor, method, path string
		body                io.Reader
		headers             []string
		status              int
		reason              string
	}{
		"anonymous":          {"", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 401, "SIGN_IN"},
		"an unknown actor":   {"X99", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 401, "UNKNOWN_ACTOR"},
		"a supplier":         {"caiban", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 403, "NOT_YOURS"},
		"the city":           {"city", "PUT", "/files?communityId=" + e.Community, bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 403, "NOT_YOURS"},
		"no community":       {"admin", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 404, "NO_SUCH"},
		"a broken id":        {"admin", "PUT", "/files?communityId=x", bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 400, "MALFORMED_ID"},
		"another site":       {"S01", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg", "Origin", "https://evil.example"}, 403, "FOREIGN_ORIGIN"},
		"a post":             {"S01", "POST", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg"}, 405, "PUT_METHOD"},
		"a delete":           {"S01", "DELETE", "/files/x", nil, nil, 405, "GET_METHOD"},
		"no type":            {"S01", "PUT", "/files", bytes.NewReader(jpg), nil, 415, "IMAGE_TYPE"},
		"a GIF":              {"S01", "PUT", "/files", strings.NewReader("GIF89a"), []string{kind, "image/gif"}, 415, "IMAGE_TYPE"},
		"another type":       {"S01", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/png"}, 415, "IMAGE_TYPE"},
		"a page as a photo":  {"S01", "PUT", "/files", strings.NewReader("<script>alert(1)</script>"), []string{kind, "image/jpeg"}, 415, "IMAGE_TYPE"},
		"nothing":            {"S01", "PUT", "/files", nil, []string{kind, "image/jpeg"}, 415, "IMAGE_TYPE"},
		"a compressed body":  {"S01", "PUT", "/files", bytes.NewReader(jpg), []string{kind, "image/jpeg", "Content-Encoding", "gzip"}, 415, "CONTENT_ENCODING"},
		"half a photo":       {"S01", "PUT", "/files", bytes.NewReader(jpg[:len(jpg)/2]), []string{kind, "image/jpeg"}, 400, "BAD_IMAGE"},
		"too many pixels":    {"S01", "PUT", "/files", &pic, []string{kind, "image/png"}, 400, "IMAGE_SIDES"},
		"too long":           {"S01", "PUT", "/files", bytes.NewReader(make([]byte, delivery.MaxFileBytes+1)), []string{kind, "image/jpeg"}, 413, "TOO_LARGE"},
		"endless":            {"S01", "PUT", "/files", io.LimitReader(endless{}, 2*delivery.MaxFileBytes), []string{kind, "image/jpeg"}, 413, "TOO_LARGE"},
		"a file that is not": {"S01", "GET", "/files/x", nil, nil, 404, "FILE_GONE"},
	} {
		t.Run(name, func(t *testing.T) {
			a := file(t, e.Program, c.actor, c.method, c.path, c.body, c.headers...)
			if a.status != c.status || a.reason(t) != c.reason {
				t.Errorf("got %d %.300s, want %d %s", a.status, a.body, c.status, c.reason)
			}
		})
	}
	if a := file(t, e.Program, "S01", "PUT", "/files", nil, "Accept-Language", "zh"); !bytes.Contains(a.body, []byte("照片")) {
		t.Errorf("got %s, want Chinese", a.body)
	}
	polyglot := append(photoOf(t, 8, 8), "PK\x03\x04<script>alert(1)</script>"...)
	_, path := put(t, e.Program, "E6-1-1103", polyglot)
	if got := file(t, e.Program, "E6-1-1103", "GET", path, nil); got.status != http.StatusOK || bytes.Contains(got.body, []byte("script")) {
		t.Errorf("got %d, want the photo without its second file", got.status)
	}
	preflight := file(t, e.Program, "", http.MethodOptions, "/files", nil, "Origin", "http://localhost:5173", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type")
	if preflight.header.Get("Access-Control-Allow-Methods") != "PUT" || preflight.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("preflight: got %v", preflight.header)
	}
}

func TestUploadsAreBounded(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) {
		s.Quota, s.WriteTime, s.Cost, s.CostBurst, s.AddressFactor = 1, 2*time.Second, 1, 40, 10
	})
	// begin opens an upload that does not go on.
	begin := func(actor, kind string) (net.Conn, *bufio.Reader) {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", e.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "PUT /files HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n", house.Bearer(actor), kind)
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("got %q, %v, want to go on", line, err)
		}
		return conn, in
	}
	_, slow := begin("S01", "image/jpeg")
	begin("S01", "image/jpeg")
	_, slowSheet := begin("S07", "text/csv")
	if a, _ := put(t, e.Program, "S01", photoOf(t, 8, 8)); a.status != http.StatusTooManyRequests || a.reason(t) != "TOO_MANY_UPLOADS" || a.header.Get("Retry-After") == "" {
		t.Errorf("a third at once: got %d %s", a.status, a.body)
	}
	if a, _ := put(t, e.Program, "S07", photoOf(t, 8, 8)); a.status != http.StatusCreated {
		t.Errorf("another account's: got %d %s", a.status, a.body)
	}
	for kind, in := range map[string]*bufio.Reader{"photo": slow, "sheet": slowSheet} {
		if _, err := in.ReadString('\n'); err != nil { // the end of 100 Continue
			t.Fatal(err)
		}
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, " 400 ") {
			t.Errorf("a %s that does not arrive: got %q, %v, want 400", kind, line, err)
		}
	}
	for _, path := range []string{"/exports/orders.csv", "/files/x"} {
		if a := file(t, e.Program, "S07", http.MethodGet, path, strings.NewReader("x")); a.status != http.StatusBadRequest || a.reason(t) != "NO_BODY" {
			t.Errorf("%s with a body: got %d %s, want NO_BODY", path, a.status, a.body)
		}
	}

	dear := photoOf(t, 500, 300)
	if len(dear) < 40<<10 {
		t.Fatalf("got %d bytes, want more than the bucket holds", len(dear))
	}
	if a, _ := put(t, e.Program, "S00", dear); a.status != http.StatusCreated {
		t.Errorf("the first: got %d %s", a.status, a.body)
	}
	if a, _ := put(t, e.Program, "S00", dear); a.status != http.StatusTooManyRequests || a.reason(t) != "TOO_FAST" || a.header.Get("Retry-After") == "" {
		t.Errorf("over the price: got %d %s", a.status, a.body)
	}
	for width := range 31 {
		a, _ := put(t, e.Program, "E6-1-1103", photoOf(t, width+1, 1))
		if want := map[bool]int{true: 201, false: 429}[width < 30]; a.status != want {
			t.Fatalf("photo %d of a household: got %d %s, want %d", width+1, a.status, a.body, want)
		} else if want == 429 {
			if wait, _ := strconv.Atoi(a.header.Get("Retry-After")); a.reason(t) != "QUOTA" || wait < 1 || wait > 24*60*60 {
				t.Errorf("got %s after %d s, want QUOTA until the next day", a.reason(t), wait)
			}
		}
	}
}

// TestPutSheets sends sheets as callers who may import, and as callers who may not, and imports one.
func TestPutSheets(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	csv := "单号,地址,商品,数量\nA-1,E6-1-1103,土豆,2斤\n"
	send := func(actor, text string, headers ...string) fileAnswer {
		return file(t, e.Program, actor, http.MethodPut, "/files", strings.NewReader(text), append([]string{"Content-Type", "text/csv"}, headers...)...)
	}
	for actor, want := range map[string]int{"E6-1-1103": 403, "D01": 403, "": 401} {
		if a := send(actor, csv); a.status != want {
			t.Errorf("%q: got %d %s, want %d", actor, a.status, a.body, want)
		}
	}
	if a := send("caiban", ""); a.status != 400 || a.reason(t) != "UPLOAD_EMPTY" {
		t.Errorf("got %d %s, want UPLOAD_EMPTY", a.status, a.body)
	}
	if a := send("caiban", "单号,地址\n", "Content-Type", "application/vnd.ms-excel"); a.status != 201 {
		t.Errorf("a CSV as a browser beside Excel sends it: got %d %s", a.status, a.body)
	}
	a := send("caiban", csv)
	var kept struct {
		ID    string
		Bytes int
	}
	if err := json.Unmarshal(a.body, &kept); err != nil || a.status != 201 || kept.Bytes != len(csv) {
		t.Fatalf("got %d %s, want it kept", a.status, a.body)
	}
	if a := file(t, e.Program, "caiban", http.MethodGet, "/files/"+kept.ID, nil); a.status != 404 {
		t.Errorf("a sheet was sent back: %d", a.status)
	}
	var got struct {
		ImportOrders struct {
			Import     struct{ Placed int }
			UserErrors []struct{ Message string }
		}
	}
	query, from := `mutation ($i: ImportOrdersInput!) { importOrders(input: $i) { import { placed } userErrors { message } } }`,
		obj{"communityId": e.Community, "kind": "CSV", "supplierId": e.Suppliers["caiban"], "fileId": kept.ID}
	e.Must(e.As("caiban"), query, obj{"i": from}, &got)
	if got.ImportOrders.Import.Placed != 1 {
		t.Errorf("got %+v, want one placed", got)
	}
}

// TestPutAnEstate sends a sheet of an estate and imports it. A sheet of another sender is not taken.
func TestPutAnEstate(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	send := func(actor string) string {
		t.Helper()
		a := file(t, e.Program, actor, http.MethodPut, "/files", strings.NewReader("编号,名称,类型\nnew,新店,药店\nbad,坏店,饭店\n"), "Content-Type", "text/csv")
		var kept struct{ ID string }
		if err := json.Unmarshal(a.body, &kept); err != nil || a.status != 201 {
			t.Fatalf("got %d %s, want it kept", a.status, a.body)
		}
		return kept.ID
	}
	mine := send("C01")
	type answer struct {
		ImportEstate struct {
			Report *struct {
				Written bool
				Sheets  []struct {
					Kind         string
					New, Missing int
				}
				ErrorCount int
				Errors     []struct{ Sheet, Cell, Reason, Message string }
			}
			UserErrors []struct{ Reason string }
		}
	}
	do := func(file string, skip bool) (got answer) {
		t.Helper()
		e.Must(e.As("C01"), `mutation ($i: ImportEstateInput!) { importEstate(input: $i) {
			report { written sheets { kind new missing } errorCount errors { sheet cell reason message } remarks { sheet } } userErrors { reason } } }`,
			obj{"i": obj{"communityId": e.Community, "fileId": file, "name": "商超.csv", "skipErrors": skip}}, &got)
		return got
	}
	r := do(mine, false).ImportEstate.Report
	if r == nil || r.Written || r.ErrorCount != 1 || r.Errors[0].Cell != "C3" || r.Errors[0].Reason != "UNKNOWN_SUPPLIER_KIND" || r.Errors[0].Message == "" {
		t.Errorf("got %+v, want C3 wrong and nothing written", r)
	}
	if r := do(mine, true).ImportEstate.Report; r == nil || !r.Written || r.Sheets[0].Kind != "SUPPLIERS" || r.Sheets[0].New != 1 {
		t.Errorf("with errors skipped: got %+v, want one supplier", r)
	}
	if p := do(send("S00"), true).ImportEstate; p.Report != nil || len(p.UserErrors) != 1 || p.UserErrors[0].Reason != "FILE_NOT_YOURS" {
		t.Errorf("of another sender: got %+v, want FILE_NOT_YOURS", p)
	}
}
