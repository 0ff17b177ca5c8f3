package push

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/webhook"
	"baogong/live"
)

// worker sends to one endpoint. Only its own goroutine uses its fields, except the contexts.
type worker struct {
	sender  *Sender
	hook    *db.HeldWebhook
	secrets []*delivery.WebhookSecret

	lease   context.Context // ends when another process may send to the endpoint
	lose    context.CancelFunc
	expires *time.Timer     // calls lose
	going   context.Context // ends with the lease, and before it when no further attempt is to begin
	quit    context.CancelFunc

	place   int64     // every event up to it is taken, or not for the endpoint
	taken   int       // events that are not saved yet
	oldest  time.Time // when the first of them was taken
	savedAt time.Time // when the place was saved last
	parking []int64   // events to park together
	parks   int       // events in a row that were parked after an attempt

	slow bool // whether the last attempt took longer than slowAttempt

	againAt    time.Time // when parked events are tried again; zero: at once
	againFails int       // attempts in a row
}

// Events are saved in groups, so that a process that is killed repeats few.
const (
	groupSize  = 16
	groupTime  = 100 * time.Millisecond
	placeEvery = 5 * time.Second // for a place that moves without deliveries
	parkGroup  = 500
	shortWait  = 5 * time.Second // a longer wait gives the stream up meanwhile
	clockLook  = time.Second

	slowAttempt = time.Second
)

var (
	errQuit = errors.New("push: the worker quits")
	errWait = errors.New("push: the next attempt is not due")
)

// version is the endpoint's version as it was claimed.
func (w *worker) version() int64 { return w.hook.Version }

// run sends until the worker quits, and begins again where a stream ends.
func (w *worker) run() {
	for pause := time.Duration(0); w.wait(pause); {
		began := time.Now()
		err := w.follow()
		switch refusal := delivery.AsError(err); {
		case errors.Is(err, errQuit), errors.Is(err, webhook.ErrLeaseLost):
			return
		case errors.Is(err, errWait):
			pause = 0
		case refusal != nil && refusal.Code() == delivery.CodeNotFound:
			return // its supplier was archived
		case time.Since(began) > time.Minute: // it worked for a while
			pause = time.Second
		default:
			pause = min(max(2*pause, 250*time.Millisecond), 5*time.Second)
			if refusal == nil && !errors.Is(err, live.ErrSlow) && w.going.Err() == nil {
				w.sender.Log.Warn("sending to a webhook is interrupted", "community", w.hook.CommunityID, "webhook", w.hook.UUID, "err", err)
			}
		}
	}
}

// wait waits, and reports false if the worker quits.
func (w *worker) wait(pause time.Duration) bool {
	if pause <= 0 {
		return w.going.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.going.Done():
		return false
	}
}

// waitUntilDue waits for the time of the next attempt. It reads the clock repeatedly, because the clock may be set.
func (w *worker) waitUntilDue() bool {
	for {
		switch until := w.untilDue(); {
		case until <= 0:
			return w.going.Err() == nil
		case !w.wait(min(until, clockLook)):
			return false
		}
	}
}

// untilDue is how long to wait before the next attempt.
func (w *worker) untilDue() time.Duration {
	if w.hook.NextAt == nil {
		return 0
	}
	return w.hook.NextAt.Sub(w.now())
}

func (w *worker) now() time.Time { return w.sender.Verbs.MachineTime() }

// follow sends the events of one stream, which begins after the saved place. It returns why the stream ended.
func (w *worker) follow() error {
	s := w.sender
	if !w.waitUntilDue() {
		return errQuit
	}
	var err error
	if w.secrets, err = s.Verbs.DB.UnscopedSecretsOfWebhook(w.going, w.hook.ID(), w.now()); err != nil {
		return err
	}
	head, known := s.Hub.Head(w.hook.CommunityID)
	if !known {
		return delivery.Refuse(delivery.ReasonUnavailable) // a new community
	}
	stream, err := s.Hub.Subscribe(w.going, w.hook.Follower(), w.hook.CommunityID, w.hook.Filter(),
		&delivery.Position{Community: w.hook.CommunityID, Epoch: head.Epoch, Seq: w.hook.Position})
	if err != nil {
		return err
	}
	defer stream.Close()
	woken := make(chan struct{}, 1)
	stream.Listen(live.WakerFunc(func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	}))
	for {
		if w.going.Err() != nil {
			return errors.Join(w.flush(), errQuit)
		}
		select {
		case <-woken: // the events that it announced are read now
		default:
		}
		stream.AllowLag() // the receiver decides how fast it is, so events that leave the ring are read from the table
		switch r := stream.Take(); r.Step {
		case live.Over:
			return errors.Join(w.flush(), r.Err)
		case live.Behind:
			stream.Fetch(w.going)
		case live.Idle:
			w.place = max(w.place, stream.Position().Seq)
			if err := w.idle(stream, woken, head.Epoch); err != nil {
				return err
			}
		case live.Got:
			if err := w.deliver(r.Value.(*delivery.Event), r.Scope, head.Epoch); err != nil {
				return err
			}
		}
	}
}

// idle saves the place, sends parked events again, and waits for the next event.
func (w *worker) idle(stream *live.Stream, woken <-chan struct{}, epoch uint64) error {
	if w.taken > 0 || len(w.parking) > 0 || w.place > w.hook.Position && time.Since(w.savedAt) >= placeEvery {
		if err := w.flush(); err != nil {
			return err
		}
	}
	pause := time.Hour
	if w.place > w.hook.Position {
		pause = max(placeEvery-time.Since(w.savedAt), 0)
	}
	if w.hook.Resending > 0 {
		if until := w.againAt.Sub(w.now()); until > 0 {
			pause = min(pause, until, clockLook)
		} else if err := w.sendAgain(stream, woken, epoch); err != nil {
			return err
		} else {
			return nil // to read the events that came in the meantime
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-woken:
	case <-timer.C:
	case <-w.going.Done():
	}
	return nil
}

// deliver sends an event until the receiver takes it or it is parked.
func (w *worker) deliver(e *delivery.Event, scope *delivery.Scope, epoch uint64) error {
	age := func() time.Duration { return w.sender.Verbs.BusinessTime().Sub(e.At) }
	if w.parks >= 2 { // the endpoint is at fault, not the event: events of the same age are parked with those before
		if w.hook.Parks(w.now(), age()) {
			if w.parking = append(w.parking, e.Seq); len(w.parking) >= parkGroup {
				return w.flush()
			}
			return nil
		}
		if err := w.flush(); err != nil {
			return err
		}
		if w.untilDue() > 0 {
			return errWait
		}
	}
	body, err := w.body(e, scope)
	if err != nil {
		return err
	}
	for {
		if w.going.Err() != nil {
			return errors.Join(w.flush(), errQuit)
		}
		if w.taken > 0 && time.Since(w.oldest) >= groupTime {
			if err := w.flush(); err != nil {
				return err
			}
		}
		a, sent := w.post(w.hook.DeliveryID(epoch, e.Seq), body)
		if !sent {
			return errors.Join(w.flush(), errQuit)
		}
		if a.Taken() {
			return w.took(e.Seq, a)
		}
		if err := w.flush(); err != nil {
			return err
		}
		w.hook.Fail(a, w.sender.Chance())
		switch now := w.now(); {
		case a.Gone():
			return w.off(delivery.OffGone)
		case w.hook.GivesUp(now):
			return w.off(delivery.OffFailing)
		case w.hook.Parks(now, age()):
			w.parks++
			w.parking = append(w.parking, e.Seq)
			return w.flush() // the next one is tried at once
		}
		if err := w.keep(func(ctx context.Context) error { return w.sender.Verbs.SaveFailure(ctx, w.hook) }); err != nil {
			return err
		}
		if w.untilDue() > shortWait {
			return errWait
		}
		if !w.waitUntilDue() {
			return errQuit
		}
	}
}

// body writes the body of an event.
func (w *worker) body(e *delivery.Event, scope *delivery.Scope) ([]byte, error) {
	body, ok := w.sender.Body(e, scope)
	if !ok {
		return nil, delivery.Refuse(delivery.ReasonUnavailable)
	}
	return body, nil
}

// took records that the receiver took an event. It closes the endpoint's incident, and saves the position after a group of events.
func (w *worker) took(seq int64, a delivery.DeliveryAttempt) error {
	failed := w.hook.Attempts > 0
	w.hook.Succeed(a)
	w.parks = 0
	if w.taken == 0 {
		w.oldest = time.Now()
	}
	w.place, w.taken = seq, w.taken+1
	if failed || w.hook.Troubled || w.taken >= groupSize {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return w.recover()
}

// recover closes the endpoint's incident if there is one.
func (w *worker) recover() error {
	if !w.hook.Troubled {
		return nil
	}
	return w.keep(func(ctx context.Context) error { return w.sender.Verbs.Recover(ctx, w.hook) })
}

// flush saves what was taken and parks what is to be parked.
func (w *worker) flush() error {
	if len(w.parking) > 0 {
		if err := w.keep(func(ctx context.Context) error { return w.sender.Verbs.Park(ctx, w.hook, w.parking) }); err != nil {
			return err
		}
		w.sender.counters.parked.Add(int64(len(w.parking)))
		w.sender.Log.Warn("events for a webhook are parked", "community", w.hook.CommunityID, "webhook", w.hook.UUID, "events", len(w.parking))
		w.parking, w.place = nil, max(w.place, w.hook.Position)
	}
	if w.taken == 0 && w.place <= w.hook.Position {
		return nil
	}
	err := w.keep(func(ctx context.Context) error { return w.sender.Verbs.SavePlace(ctx, w.hook, w.place, w.taken) })
	if err == nil {
		w.taken, w.savedAt = 0, time.Now()
	}
	return err
}

// off switches off the endpoint.
func (w *worker) off(why delivery.WebhookOff) error {
	if err := w.keep(func(ctx context.Context) error { return w.sender.Verbs.SwitchOff(ctx, w.hook, why) }); err != nil {
		return err
	}
	w.sender.counters.offSent.Add(1)
	w.sender.Log.Warn("a webhook is switched off", "community", w.hook.CommunityID, "webhook", w.hook.UUID, "why", why)
	return errQuit
}

// keep calls save until it succeeds or the lease is lost.
func (w *worker) keep(save func(context.Context) error) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		ctx, cancel := context.WithTimeout(w.lease, callLimit)
		err := save(ctx)
		cancel()
		if err == nil || errors.Is(err, webhook.ErrLeaseLost) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-w.lease.Done():
			timer.Stop()
			return webhook.ErrLeaseLost
		}
	}
}

// sendAgain sends parked events again, until there is one to be sent for the first time.
func (w *worker) sendAgain(stream *live.Stream, woken <-chan struct{}, epoch uint64) error {
	rows, err := w.sender.Verbs.DB.UnscopedParkedAgain(w.going, w.hook.ID(), 0, groupSize)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		w.hook.Resending = 0
		return nil
	}
	var taken []int64
	unpark := func() error {
		if len(taken) == 0 {
			return nil
		}
		err := w.keep(func(ctx context.Context) error { return w.sender.Verbs.Unpark(ctx, w.hook, taken) })
		taken = nil
		return errors.Join(err, w.recover())
	}
	for _, r := range rows {
		if w.going.Err() != nil || len(woken) > 0 {
			break
		}
		body, err := w.body(r.Event, stream.Scope())
		if err != nil {
			return errors.Join(unpark(), err)
		}
		a, sent := w.post(w.hook.DeliveryID(epoch, r.Seq), body)
		if !sent {
			break
		}
		if a.Taken() {
			w.hook.Succeed(a)
			w.againFails, taken = 0, append(taken, r.Seq)
			continue
		}
		w.againFails++
		w.againAt = w.now().Add(a.Pause(w.againFails, w.sender.Chance()))
		if err := unpark(); err != nil {
			return err
		}
		switch before := w.now().Add(-delivery.ParkAfter); {
		case a.Gone():
			w.hook.Fail(a, 0)
			return w.off(delivery.OffGone)
		case !r.AgainAt.After(before):
			if err := w.keep(func(ctx context.Context) error { return w.sender.Verbs.StopResending(ctx, w.hook, before) }); err != nil {
				return err
			}
			return errQuit // to be claimed again, with the counts as they are now
		}
		return nil
	}
	return unpark()
}
