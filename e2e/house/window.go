package house

import (
	"fmt"
	"maps"
	"sync/atomic"
	"time"
)

// packages counts the packages that Sell has added, whose codes must differ.
var packages atomic.Int64

// Sell adds a package of a supplier and opens a window for an hour that offers it, and returns both, or fails the test.
func (e *Estate) Sell(supplier string, offer ...obj) (pack, window string) {
	e.T.Helper()
	commander, now := e.As("C01"), e.Clock.Now()
	var saved struct {
		SavePackages struct {
			Results []struct {
				Package    *struct{ ID string }
				UserErrors []UserError
			}
		}
	}
	e.Must(commander, `mutation ($in: SavePackagesInput!) { savePackages(input: $in) { results { package { id } userErrors { `+RefusalFields+` } } } }`,
		obj{"in": obj{"supplierId": e.Suppliers[supplier], "packages": []obj{{"code": fmt.Sprint("P", packages.Add(1)), "name": "蔬菜包", "unit": "份", "priceFen": 3000}}}}, &saved)
	if len(saved.SavePackages.Results) != 1 || saved.SavePackages.Results[0].Package == nil {
		e.T.Fatalf("save a package: %+v", saved)
	}
	pack = saved.SavePackages.Results[0].Package.ID
	offered := obj{"packageId": pack}
	for _, o := range offer {
		maps.Copy(offered, o)
	}
	var opened struct {
		OpenWindow struct {
			Window     *struct{ ID string }
			UserErrors []UserError
		}
	}
	e.Must(commander, `mutation ($in: OpenWindowInput!) { openWindow(input: $in) { window { id } userErrors { `+RefusalFields+` } } }`,
		obj{"in": obj{"supplierId": e.Suppliers[supplier], "name": "今日蔬菜", "opensAt": now, "closesAt": now.Add(time.Hour), "deliverAt": now.Add(2 * time.Hour), "offers": []obj{offered}}}, &opened)
	if opened.OpenWindow.Window == nil {
		e.T.Fatalf("open a window: %v", opened.OpenWindow.UserErrors)
	}
	return pack, opened.OpenWindow.Window.ID
}
