package dispatch

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// ErrandChanges collects what one call changes of errands and their documents. The orders are locked.
type ErrandChanges struct {
	community int32
	errands   []*delivery.Errand
	documents []*delivery.Document // to be saved
	taken     []*delivery.Document // to be inserted
}

// NewErrandChanges returns changes of a community's errands.
func NewErrandChanges(community int32) *ErrandChanges { return &ErrandChanges{community: community} }

// Errand notes that the errand is to be written.
func (c *ErrandChanges) Errand(e *delivery.Errand) {
	if !slices.Contains(c.errands, e) {
		c.errands = append(c.errands, e)
	}
}

// Document notes that the document is to be written.
func (c *ErrandChanges) Document(d *delivery.Document) { c.documents = append(c.documents, d) }

// Take notes that the document is new.
func (c *ErrandChanges) Take(d *delivery.Document) { c.taken = append(c.taken, d) }

// Empty reports whether nothing is to be written.
func (c *ErrandChanges) Empty() bool { return len(c.errands)+len(c.documents)+len(c.taken) == 0 }

// Save writes the changes. Call it before the orders are saved: a trigger refuses to end an errand while a document is out.
func (c *ErrandChanges) Save(ctx context.Context, t *db.Tx) error {
	if c.Empty() {
		return nil
	}
	if err := t.Decided(); err != nil {
		return err
	}
	if err := t.SaveErrands(ctx, c.errands); err != nil {
		return err
	}
	if err := t.InsertDocuments(ctx, c.taken); err != nil {
		return err
	}
	return t.SaveDocuments(ctx, c.community, c.documents)
}

// FoundDocuments resolves the incidents DOCUMENT_LOST of orders whose lost documents were found, unless another document of the order is still lost. documents are all of those
// orders, as the call leaves them.
func FoundDocuments(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32, found []delivery.UUID, documents []*delivery.Document) ([]*delivery.Event, error) {
	found = slices.DeleteFunc(slices.Clone(found), func(order delivery.UUID) bool {
		return slices.ContainsFunc(documents, func(d *delivery.Document) bool { return d.OrderUUID == order && d.LostAt != nil })
	})
	return ResolveIncidents(ctx, t, a, at, community, delivery.ResolutionFound, found, delivery.IncidentDocumentLost)
}
