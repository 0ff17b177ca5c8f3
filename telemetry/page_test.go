package telemetry

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// TestPageListsMetrics holds docs/metrics.md and the metrics together.
func TestPageListsMetrics(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var told, code []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(baogong_[a-z_]+)` \\| ([a-z, –]+) \\|").FindAllSubmatch(page, -1) {
		told = append(told, string(row[1])+" "+string(row[2]))
	}
	descs := make(chan *prometheus.Desc, 100)
	(&collector{}).Describe(descs)
	close(descs)
	name := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	for d := range descs {
		found := name.FindStringSubmatch(d.String())
		labels := regexp.MustCompile(`,`).ReplaceAllString(found[2], ", ")
		if labels == "" {
			labels = "–"
		}
		code = append(code, found[1]+" "+labels)
	}
	slices.Sort(told)
	slices.Sort(code)
	if diff := cmp.Diff(code, told); diff != "" {
		t.Errorf("(-code +page):\n%s", diff)
	}
}
