package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// usage reads the CPU time and memory of a process.
type usage struct{ process *process.Process }

func usageOf(pid int) (usage, error) {
	p, err := process.NewProcess(int32(pid))
	return usage{p}, err
}

// cpu is how long all threads of the process have run so far, in the program and in the kernel.
func (u usage) cpu(ctx context.Context) (time.Duration, error) {
	t, err := u.process.TimesWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return time.Duration((t.User + t.System) * float64(time.Second)), nil
}

// resident is how much memory of the process is in RAM, in bytes.
func (u usage) resident(ctx context.Context) (float64, error) {
	m, err := u.process.MemoryInfoWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	return float64(m.RSS), nil
}

// settled is the resident memory once it has stopped changing.
func (u usage) settled(ctx context.Context, every time.Duration) (float64, error) {
	const (
		same   = 4     // readings in a row
		within = 0.001 // of each other
		most   = 40
	)
	last, still := 0.0, 0
	for range most {
		now, err := u.resident(ctx)
		if err != nil {
			return 0, err
		}
		if math.Abs(now-last) <= within*now {
			still++
		} else {
			still = 0
		}
		if last = now; still == same {
			return now, nil
		}
		if err := pause(ctx, every); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("memory does not settle")
}

// pause waits unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
