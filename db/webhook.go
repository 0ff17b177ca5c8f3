package db

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

var webhooks = noun[delivery.Webhook]{
	table: "webhooks", alias: "w",
	columns: []string{"community_id", "id", "supplier_id", "name", "url", "kinds", "off", "off_at", "position", "counted_from", "counted_before", "acked", "parked",
		"resending", "attempts", "failing_since", "next_at", "last_at", "last_status", "last_problem", "created_by_role", "created_by_id", "version", "created_at",
		"archived_at"},
	visible: func(w *where, s delivery.Scope) {
		w.scope(s, keyColumns{community: "w.community_id", supplier: "w.supplier_id"})
	},
}

// Webhooks reads the endpoints of a community that the scope sees, the community's own first, at most delivery.MaxWebhooksInAll that are not
// archived. A supplier that is given restricts the list to its own.
func (d *DB) Webhooks(ctx context.Context, s delivery.Scope, community int32, supplier *delivery.UUID, archived bool) ([]*delivery.Webhook, error) {
	w := ofCommunity("w", community, archived)
	if supplier != nil {
		w.and("w.supplier_id = ?", *supplier)
	}
	webhooks.visible(&w, s)
	return list[*delivery.Webhook](ctx, d, "read webhooks", "select "+webhooks.flat()+"\n  from webhooks w\n "+w.String()+
		"\n order by w.archived_at nulls first, w.supplier_id nulls first, w.id\n limit "+strconv.Itoa(2*delivery.MaxWebhooksInAll), w.args...)
}

// WebhooksByID reads the endpoints with the ids that the scope sees, in no order.
func (d *DB) WebhooksByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Webhook, error) {
	return webhooks.byIDs(ctx, d, s, ids)
}

// forWebhook is the condition that an event e is for an endpoint w. It must agree with delivery.Webhook.Filter and Scope.Follows of its Follower.
var forWebhook = func() string {
	all, suppliers := delivery.HiddenKindsOf()
	return `e.community_id = w.community_id and e.kind not in (` + quotedKinds(all) + `) and (w.kinds = '{}' or e.kind = any(w.kinds))
		   and (w.supplier_id is null or (e.supplier_id = w.supplier_id and e.kind not in (` + quotedKinds(suppliers) + `)))`
}()

// quotedKinds returns kinds, which are bare words, as literals of SQL.
func quotedKinds(kinds []delivery.EventKind) string {
	return "'" + strings.Join(texts(kinds), "', '") + "'"
}

// WebhookWaiting is how many events of the feed wait for an endpoint, among the next delivery.MaxWebhookWaiting of the feed.
type WebhookWaiting struct {
	CommunityID int32         `db:"community_id"`
	UUID        delivery.UUID `db:"id"`
	Events      int           `db:"events"`
}

// WebhookID is the endpoint's opaque id.
func (w *WebhookWaiting) WebhookID() delivery.ID {
	return delivery.ID{Kind: delivery.KindWebhook, Community: w.CommunityID, UUID: w.UUID}
}

// WaitingOfWebhooks counts the events that wait for the endpoints that the scope sees, in no order. It looks at the next delivery.MaxWebhookWaiting
// events behind each position only: for a rare kind it would read the whole feed otherwise.
func (d *DB) WaitingOfWebhooks(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*WebhookWaiting, error) {
	var w where
	w.ids("w.community_id, w.id", ids)
	webhooks.visible(&w, s)
	return list[*WebhookWaiting](ctx, d, "count what waits for webhooks", `
		select w.community_id, w.id,
		       (select count(*)
		          from (select e.community_id, e.kind, e.supplier_id
		                  from events e
		                 where e.community_id = w.community_id and e.seq > w.position
		                 order by e.seq
		                 limit `+strconv.Itoa(delivery.MaxWebhookWaiting)+`) e
		         where `+forWebhook+`) as events
		  from webhooks w
		 `+w.String(), w.args...)
}

// LockAllWebhooks locks the endpoints of a community in id order and returns them, archived ones too.
func (t *Tx) LockAllWebhooks(ctx context.Context, community int32) ([]*delivery.Webhook, error) {
	return listTx[*delivery.Webhook](ctx, t, "lock a community's webhooks", "select "+webhooks.flat()+`
		  from webhooks w
		 where w.community_id = $1
		 order by w.id`+t.locking("for no key update"), community)
}

// LockWebhooks locks endpoints in id order and returns those that exist.
func (t *Tx) LockWebhooks(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Webhook, error) {
	return listTx[*delivery.Webhook](ctx, t, "lock webhooks", "select "+webhooks.flat()+`
		  from webhooks w
		 where w.community_id = $1 and w.id = any(cast($2 as uuid[]))
		 order by w.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// writtenWebhook is an endpoint in the form that the driver can write.
type writtenWebhook struct {
	*delivery.Webhook
	Kinds  string `db:"kinds"`
	Afresh bool   `db:"afresh"`
}

// InsertWebhooks inserts endpoints at the head of the feed.
func (t *Tx) InsertWebhooks(ctx context.Context, rows []*delivery.Webhook) error {
	for _, row := range rows {
		if err := t.named(ctx, "insert webhooks", `
			insert into webhooks (community_id, id, supplier_id, name, url, kinds, off, off_at, position, counted_from, created_by_role, created_by_id, version,
				created_at, archived_at)
			select :community_id, cast(:id as uuid), cast(:supplier_id as uuid), :name, :url, cast(:kinds as text[]), cast(:off as text), cast(:off_at as timestamptz),
			       f.head, f.head, :created_by_role, cast(:created_by_id as uuid), cast(:version as bigint), cast(:created_at as timestamptz),
			       cast(:archived_at as timestamptz)
			  from feeds f
			 where f.community_id = :community_id`, writtenWebhook{Webhook: row, Kinds: row.Kinds.Array()}); err != nil {
			return err
		}
	}
	return nil
}

// ChangedWebhook is an endpoint as it is to be saved. Afresh resets its failures.
type ChangedWebhook struct {
	*delivery.Webhook
	Afresh bool
}

// SaveWebhooks writes what people change of endpoints in a locked community. It does not overwrite what the sender changes at the same time. If the
// kinds change, counting begins again at the endpoint's position at that moment.
func (t *Tx) SaveWebhooks(ctx context.Context, rows []ChangedWebhook) error {
	written := make([]delivery.Node, len(rows))
	for i, r := range rows {
		written[i] = writtenWebhook{r.Webhook, r.Kinds.Array(), r.Afresh}
	}
	return saveEach(ctx, t, "save webhooks", `
		update webhooks
		   set name = :name, url = :url, kinds = cast(:kinds as text[]), off = :off, off_at = :off_at, archived_at = :archived_at, version = :version,
		       counted_from = case when kinds = cast(:kinds as text[]) then counted_from else position end,
		       counted_before = case when kinds = cast(:kinds as text[]) then counted_before else acked + parked end,
		       attempts = case when cast(:afresh as boolean) then 0 else attempts end,
		       failing_since = case when cast(:afresh as boolean) then null else failing_since end,
		       next_at = case when cast(:afresh as boolean) then null else next_at end
		 where community_id = :community_id and id = :id`, written)
}

// InsertWebhookSecrets inserts the current secrets of endpoints. Those that they replace sign until an instant; earlier ones are deleted if they
// have ended.
func (t *Tx) InsertWebhookSecrets(ctx context.Context, community int32, secrets []*delivery.WebhookSecret, now, until time.Time) error {
	if len(secrets) == 0 {
		return nil
	}
	ids := make([]string, len(secrets))
	for i, s := range secrets {
		ids[i] = string(s.WebhookUUID)
	}
	if _, err := t.exec(ctx, "delete ended secrets of webhooks", `
		delete from webhook_secrets where community_id = $1 and webhook_id = any(cast($2 as uuid[])) and ends_at <= $3`, community, pq.StringArray(ids), now); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "replace secrets of webhooks", `
		update webhook_secrets set ends_at = $3 where community_id = $1 and webhook_id = any(cast($2 as uuid[])) and ends_at is null`,
		community, pq.StringArray(ids), until); err != nil {
		return err
	}
	return insertAll(ctx, t, "insert secrets of webhooks", `
		insert into webhook_secrets (community_id, webhook_id, id, secret, created_at)
		values (:community_id, :webhook_id, :id, :secret, :created_at)`, secrets)
}

// WebhookSecrets reads the secrets with the ids.
func (t *Tx) WebhookSecrets(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.WebhookSecret, error) {
	return listTx[*delivery.WebhookSecret](ctx, t, "read secrets of webhooks", `
		select s.community_id, s.webhook_id, s.id, s.secret, s.created_at, s.ends_at
		  from webhook_secrets s
		 where s.community_id = $1 and s.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
}

// ResendParked asks for the parked events of locked endpoints to be sent again, and increases the version of each endpoint.
func (t *Tx) ResendParked(ctx context.Context, community int32, ids []delivery.UUID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := t.exec(ctx, "ask for parked events again", `
		update webhook_parked set again_at = greatest(parked_at, $3) where community_id = $1 and webhook_id = any(cast($2 as uuid[])) and again_at is null`,
		community, pq.StringArray(texts(ids)), now); err != nil {
		return err
	}
	_, err := t.exec(ctx, "count parked events to be sent again", `
		update webhooks set resending = parked, version = version + 1 where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	return err
}

// CountWebhookVersion increases the versions of locked endpoints, so that writes of senders with the earlier version are refused.
func (t *Tx) CountWebhookVersion(ctx context.Context, community int32, ids []delivery.UUID) error {
	_, err := t.exec(ctx, "count a version of webhooks", `
		update webhooks set version = version + 1 where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	return err
}
