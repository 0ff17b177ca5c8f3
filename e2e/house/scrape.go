package house

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// Scraped are metrics by name and labels, as they are written.
type Scraped map[string]float64

// Get returns the status and text of a page of the program.
func Get(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
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
	return res.StatusCode, string(text)
}

// Scrape reads the metrics and checks their names.
func Scrape(t *testing.T, url string) Scraped {
	t.Helper()
	status, text := Get(t, url)
	if status != http.StatusOK {
		t.Fatalf("got %d %s, want metrics", status, text)
	}
	CheckPrivate(t, "a scrape", []byte(text))
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("names by Prometheus' conventions: %v, %v", problems, err)
	}
	m := Scraped{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(name, "#") || !found {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		m[name] = v
	}
	return m
}

// ScrapeUntil scrapes until the metrics are as expected, since a delivery may be counted a moment after the client reads
// it.
func ScrapeUntil(t *testing.T, url string, want Scraped) Scraped {
	t.Helper()
	for late := time.Now().Add(Timeout); ; time.Sleep(20 * time.Millisecond) {
		m := Scrape(t, url)
		wrong := ""
		for name, v := range want {
			if got, there := m[name]; got != v || !there {
				wrong += "\n" + name + " = " + strconv.FormatFloat(got, 'g', -1, 64) + ", want " + strconv.FormatFloat(v, 'g', -1, 64)
			}
		}
		if wrong == "" {
			return m
		}
		if time.Now().After(late) {
			t.Fatal(wrong)
		}
	}
}
