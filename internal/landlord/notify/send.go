package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// The headers of what is sent.
const (
	HeaderKey       = "Idempotency-Key"
	HeaderTimestamp = "Landlord-Timestamp" // seconds since 1970
	HeaderSignature = "Landlord-Signature" // v1= and the HMAC-SHA256 of timestamp, full stop and body, in hex
)

const (
	answerTime = 10 * time.Second // that an address has for its answer
	lease      = 2 * time.Minute  // for which a notification belongs to the run that sends it
	firstPause = time.Minute      // before the second attempt; doubled each time
	mostPause  = 6 * time.Hour
	atOnce     = 100 // notifications that are read at a time
)

// Notifier tells people what happens to tenants. It is safe for concurrent use.
type Notifier struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Jobs     *apply.Jobs
	Drifts   *drift.Reader
	Healths  *health.Reader
}

// Find records what there is to tell and returns how much of it is new. Look asks
// the servers for the schemas of all tenants, too. Errors are Problems.
func (n *Notifier) Find(ctx context.Context, look bool) (int, error) {
	if len(n.Config.Notifications) == 0 {
		return 0, nil
	}
	facts, tenants, err := n.facts(ctx, look)
	if err != nil {
		return 0, err
	}
	var all []registry.OutboxRow
	for i := range n.Config.Notifications {
		to := &n.Config.Notifications[i]
		untold, err := n.untold(ctx, to.Name, facts)
		if err != nil {
			return 0, err
		}
		of, err := rows(to, untold, tenants)
		if err != nil {
			return 0, err
		}
		all = append(all, of...)
	}
	if len(all) == 0 {
		return 0, nil
	}
	added := 0
	err = n.Jobs.Write(ctx, n.Servers.Main(), "recording notifications", func(q mysql.Queryer) error {
		added, err = n.Registry.PutOutbox(ctx, q, all)
		return err
	})
	return added, err
}

// Send sends what is due, as long as the context lasts, and returns what came of
// it. What cannot be sent is tried again by a later run. No address waits for another.
// Errors are Problems.
func (n *Notifier) Send(ctx context.Context) (landlord.Delivery, error) {
	var out landlord.Delivery
	main := n.Servers.Main()
	known := names(n.Config.Notifications)
	if len(known) == 0 {
		return out, nil
	}
	var mu sync.Mutex
	var all errgroup.Group
	for _, name := range known {
		all.Go(func() error {
			sent, failed, err := n.address(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			out.Sent, out.Failed = out.Sent+sent, out.Failed+failed
			return err
		})
	}
	err := all.Wait()
	if err != nil {
		return out, registry.Unreachable(main, "sending notifications", err)
	}
	ctx = context.WithoutCancel(ctx) // the connection has its own bounds
	if out.Pending, out.Failure, err = n.Registry.PendingOutbox(ctx, main, known); err != nil {
		return out, registry.Unreachable(main, "reading the notifications", err)
	}
	if out.Sent > 0 {
		err = n.Registry.PurgeOutbox(ctx, main)
	}
	return out, err
}

// address sends what is due to one address, the oldest first. One that does not take
// anything at all just now is not asked for every notification.
func (n *Notifier) address(ctx context.Context, name string) (sent, failed int, err error) {
	for ctx.Err() == nil {
		due, err := n.Registry.DueOutbox(ctx, n.Servers.Main(), []string{name}, atOnce)
		if err != nil || len(due) == 0 {
			return sent, failed, err
		}
		for _, row := range due {
			if ctx.Err() != nil {
				break // a later run sends the rest
			}
			came, err := n.one(ctx, row)
			switch {
			case err != nil:
				return sent, failed, err
			case came == arrived:
				sent++
			case came == refused:
				failed++
			case came == away:
				return sent, failed + 1, nil
			}
		}
	}
	return sent, failed, nil
}

// outcome is what came of one notification.
type outcome int

const (
	others  outcome = iota // another run has it
	arrived                // the address took it
	refused                // it is tried again
	away                   // so is it, and the address takes none at present
)

// refusal is the answer of an address that is there and did not take a notification.
type refusal int

func (r refusal) Error() string { return fmt.Sprintf("the address answered with status %d", int(r)) }

// passing says whether it would refuse others, too.
func (r refusal) passing() bool {
	return r == http.StatusTooManyRequests || r == http.StatusRequestTimeout || r >= http.StatusInternalServerError
}

// one sends one notification. It belongs to this run from before it is sent until
// it is marked: a run that is killed in between leaves it for the next one, which
// sends it again with the same key.
func (n *Notifier) one(ctx context.Context, row registry.OutboxRow) (outcome, error) {
	main := n.Servers.Main()
	at := slices.IndexFunc(n.Config.Notifications, func(x landlord.Notification) bool { return x.Name == row.Notification })
	if claimed, err := n.Registry.ClaimOutbox(ctx, main, row, lease); err != nil || !claimed {
		return others, err
	}
	if err := n.post(ctx, &n.Config.Notifications[at], row); err != nil {
		n.Config.Log(ctx, "A notification was not taken", map[string]any{"notification": row.Notification, "event": row.Event, "cause": err.Error()})
		pause := mostPause
		if row.Attempts < 10 {
			pause = min(firstPause<<row.Attempts, mostPause)
		}
		came := away
		if answer := refusal(0); errors.As(err, &answer) && !answer.passing() {
			came = refused
		}
		return came, n.Registry.DelayOutbox(context.WithoutCancel(ctx), main, row.ID, err.Error(), pause)
	}
	return arrived, n.Registry.MarkOutbox(context.WithoutCancel(ctx), main, row.ID)
}

// post sends a notification. Its error never has the address in it: errors of the
// library do.
func (n *Notifier) post(ctx context.Context, to *landlord.Notification, row registry.OutboxRow) error {
	body, err := Body(to.Template, row.Key, []byte(row.Message))
	if err != nil {
		return errors.New("it could not be written")
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address is no URL")
	}
	timestamp := strconv.FormatInt(n.Config.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "terraform-provider-landlord/"+n.Config.Version)
	request.Header.Set(HeaderKey, row.Key)
	request.Header.Set(HeaderTimestamp, timestamp)
	if to.Secret != "" {
		request.Header.Set(HeaderSignature, Sign(to.Secret, timestamp, body))
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // an answer is no matter of ours
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return refusal(response.StatusCode)
	}
	return nil
}

// withoutAddress says why nothing was sent.
func withoutAddress(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.Canceled) {
		return errors.New("the address did not answer in time")
	}
	return errors.New("the address could not be reached")
}

// Sign returns the signature of a body: v1= and the HMAC-SHA256 of timestamp, full
// stop and body, in hex.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Body writes a message of the outbox in a form.
func Body(form landlord.NotificationTemplate, key string, raw []byte) ([]byte, error) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("reading a notification: %w", err)
	}
	m.Told = nil
	switch form {
	case landlord.NotificationSlack: // what looks like a mention or link of Slack is text
		return json.Marshal(map[string]string{"text": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(m.heading() + m.Title)})
	case landlord.NotificationTeams:
		card := map[string]any{"type": "AdaptiveCard", "version": "1.4", "body": []any{
			map[string]any{"type": "TextBlock", "text": strings.TrimSuffix(m.heading(), ": "), "weight": "bolder", "wrap": true},
			map[string]any{"type": "RichTextBlock", "inlines": []any{map[string]any{"type": "TextRun", "text": m.Title}}},
		}}
		return json.Marshal(map[string]any{"type": "message", "attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}})
	}
	return json.Marshal(struct {
		ID string `json:"id"`
		message
	}{key, m})
}

// heading is the event in words.
func (m *message) heading() string {
	return landlord.UpperFirst(strings.ReplaceAll(string(m.Event), "_", " ")) + ": "
}
