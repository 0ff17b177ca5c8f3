package bench

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"
)

// Machine is where the figures come from.
type Machine struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	MemoryMiB  uint64 `json:"memoryMiB"`
	System     string `json:"system"` // with the kernel's version
	Go         string `json:"go"`
	PostgreSQL string `json:"postgresql"`
}

// machine describes this machine. Unknown facts stay empty.
func machine(ctx context.Context, postgresql string) Machine {
	m := Machine{Cores: runtime.NumCPU(), Go: runtime.Version(), PostgreSQL: postgresql, System: runtime.GOOS + "/" + runtime.GOARCH}
	if all, err := cpu.InfoWithContext(ctx); err == nil && len(all) > 0 {
		m.CPU = all[0].ModelName
	}
	if v, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		m.MemoryMiB = v.Total >> 20
	}
	if kernel, err := host.KernelVersionWithContext(ctx); err == nil {
		m.System += " " + kernel
	}
	return m
}

// revision is the commit that the program was built from, with a mark if the tree was changed, and empty where that
// is not known.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var at, changed string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			at = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+changes"
			}
		}
	}
	return at + changed
}
