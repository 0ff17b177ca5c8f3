package dispatch

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// CreateTasks creates tasks of one community that the caller has checked, gives each its id and number, and returns the events to append. A
// task of an enquiry that has one already is left out, and stays without a number. Lock the enquiries before, and no row but the feed after.
// It ends a look.
func CreateTasks(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, tasks []*delivery.Task) ([]*delivery.Event, error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	if err := t.Decided(); err != nil {
		return nil, err
	}
	community := tasks[0].CommunityID
	var enquiries []delivery.UUID
	for _, k := range tasks {
		if k.EnquiryUUID != nil {
			enquiries = append(enquiries, *k.EnquiryUUID)
		}
	}
	if len(enquiries) > 0 {
		known, err := t.TasksOfEnquiries(ctx, community, enquiries)
		if err != nil {
			return nil, err
		}
		tasks = slices.DeleteFunc(slices.Clone(tasks), func(k *delivery.Task) bool { return k.EnquiryUUID != nil && slices.Contains(known, *k.EnquiryUUID) })
		if len(tasks) == 0 {
			return nil, nil
		}
	}
	number, err := t.NextNumbers(ctx, community, db.NumberTask, len(tasks))
	if err != nil {
		return nil, err
	}
	events := make([]*delivery.Event, len(tasks))
	for i, k := range tasks {
		if k.Number = number + int64(i); k.UUID == "" {
			k.UUID = NewUUID()
		}
		events[i] = k.Begin(a, at)
	}
	return events, t.InsertTasks(ctx, tasks)
}
