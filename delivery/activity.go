package delivery

import "slices"

// ActivityNumber is one number that an event carries, such as how many bags were counted.
type ActivityNumber struct {
	Name  string
	Value int
}

// rowOf returns a spec's row from a function of the kind's body.
func rowOf[T any](row func(*T) (UUID, []ActivityNumber)) func(any) (UUID, []ActivityNumber) {
	return func(body any) (UUID, []ActivityNumber) {
		if own, ok := body.(*T); ok && own != nil {
			return row(own)
		}
		return "", nil
	}
}

// ActivityKinds lists the kinds of events that are shown as activities, sorted by name: all but those of sign-ins.
func ActivityKinds() []EventKind {
	return slices.DeleteFunc(EventKinds(), func(k EventKind) bool { return eventSpecs[k].hidden })
}

// Activities lists those of ActivityKinds that viewers with the scope may be shown.
func (s Scope) Activities() []EventKind {
	return slices.DeleteFunc(ActivityKinds(), s.Sight().hides)
}

// Follows reports whether the event is shown as an activity to viewers with the scope: an event of an order as by SeesEvent, and one of
// another noun if the scope sees its keys. Only the team sees events of saved rows. Of kinds that this release does not know,
// only events of orders are shown.
func (s Scope) Follows(e *Event) bool {
	if e.OrderUUID != nil {
		return e.Order != nil && s.SeesEvent(e)
	}
	spec := eventSpecs[e.Kind]
	return spec != nil && !spec.hidden && !s.Sight().hides(e.Kind) && s.Sees(e.Keys())
}

// SubjectID is the opaque id of what the event is about: the order, the row that its body names, or else the community.
func (e *Event) SubjectID() ID {
	if e.OrderUUID != nil {
		return ID{KindOrder, e.CommunityID, *e.OrderUUID}
	}
	if row, _ := e.row(); row != "" {
		return ID{eventSpecs[e.Kind].about, e.CommunityID, row}
	}
	return ID{Kind: KindCommunity, Community: e.CommunityID}
}

// Numbers are the numbers of the event's body; none for events of orders, whose snapshot has them.
func (e *Event) Numbers() []ActivityNumber {
	_, numbers := e.row()
	return append([]ActivityNumber{}, numbers...)
}

// row returns the row that the body names, and its numbers.
func (e *Event) row() (UUID, []ActivityNumber) {
	spec := eventSpecs[e.Kind]
	if spec == nil || spec.row == nil {
		return "", nil
	}
	bodies, newer := e.Body.(newerBody)
	if !newer {
		bodies = newerBody{e.Body}
	}
	for _, body := range bodies {
		if row, numbers := spec.row(body); row != "" {
			return row, numbers
		}
	}
	return "", nil
}
