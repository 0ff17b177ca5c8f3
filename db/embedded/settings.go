package embedded

import (
	"fmt"
	"maps"
	"slices"
)

// defaults are overridden by Options.Settings.
var defaults = map[string]string{
	"idle_in_transaction_session_timeout": "10s",
	"jit":                                 "off", // compiling a short statement costs more than running it
	"max_connections":                     "200",
	"timezone":                            "UTC",
	"log_timezone":                        "UTC",
}

var noFsync = map[string]string{
	"fsync":              "off",
	"synchronous_commit": "off",
	"full_page_writes":   "off",
}

// fixed holds the settings that the package's promises depend on. unix_socket_directories is added at the start.
var fixed = map[string]string{
	"listen_addresses":        "",
	"port":                    port,
	"unix_socket_permissions": "0700",
	"log_destination":         "stderr",
	"logging_collector":       "off",
}

var reserved = []string{"unix_socket_directories", "data_directory", "hba_file", "ident_file", "config_file"}

// arguments returns the settings as arguments of postgres, in a fixed order.
func (o Options) arguments() ([]string, error) {
	all := maps.Clone(defaults)
	if o.NoFsync {
		maps.Copy(all, noFsync)
	}
	for name, value := range o.Settings {
		if _, ok := fixed[name]; ok || slices.Contains(reserved, name) {
			return nil, fmt.Errorf("setting %s belongs to the runner", name)
		}
		all[name] = value
	}
	maps.Copy(all, fixed)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args, nil
}
