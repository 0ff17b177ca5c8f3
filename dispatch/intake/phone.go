package intake

import (
	"sync"
	"time"

	"baogong/delivery"
)

// phonesADay is how many different telephone numbers a supplier may try against the households' in a day. Suppliers see the last four digits of a
// number on labels but no whole one: without a bound, a dry run of all numbers with these digits says which is the household's. What a
// shop's file has of unclear addresses, and what it tries first, is less.
const phonesADay = 300

// phoneLookups counts the telephone numbers that suppliers have tried lately, in this process. The zero value is ready to use.
type phoneLookups struct {
	mu sync.Mutex
	by map[string]*triedNumbers // by account
}

// triedNumbers are the numbers that an account has tried since an instant.
type triedNumbers struct {
	since   time.Time
	numbers map[string]bool
}

// suppliersKept is how many accounts are remembered; above it all are dropped.
const suppliersKept = 10_000

// may reports whether an account may try a number. One that it has tried counts once.
func (p *phoneLookups) may(account, number string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil || len(p.by) >= suppliersKept {
		p.by = map[string]*triedNumbers{}
	}
	tried := p.by[account]
	if tried == nil || now.Sub(tried.since) >= 24*time.Hour {
		tried = &triedNumbers{since: now, numbers: map[string]bool{}}
		p.by[account] = tried
	}
	if !tried.numbers[number] && len(tried.numbers) < phonesADay {
		tried.numbers[number] = true
	}
	return tried.numbers[number]
}

// guard bounds how many telephone numbers a supplier's texts try against the book. A row that is placed is seen by all, so that the number beside a
// clear address counts only where nothing is placed.
func (v *Verbs) guard(b *HomeBook, by *delivery.Ref, placing bool) {
	if by.Role != delivery.RoleSupplier {
		return
	}
	b.Book = b.LookingUp(func(number string, unclear bool) bool {
		return placing && !unclear || v.phones.may(by.Key(), number, v.Machine())
	})
}
