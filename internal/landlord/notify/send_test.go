package notify_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/notify"
)

// TestBody writes a message in each form; what looks like a mention is text.
func TestBody(t *testing.T) {
	t.Parallel()
	const raw = `{"event":"drift","subject":"schemas","tenants":["acme"],"count":1,"title":"schemas <!channel> & <https://evil.example|x>: acme."}`
	for form, want := range map[landlord.NotificationTemplate]string{
		landlord.NotificationGeneric: `{"id":"k","event":"drift","subject":"schemas","tenants":["acme"],"count":1,"title":"schemas \u003c!channel\u003e \u0026 \u003chttps://evil.example|x\u003e: acme."}`,
		landlord.NotificationSlack:   `{"text":"Drift: schemas \u0026lt;!channel\u0026gt; \u0026amp; \u0026lt;https://evil.example|x\u0026gt;: acme."}`,
		landlord.NotificationTeams: `{"attachments":[{"content":{"body":[{"text":"Drift","type":"TextBlock","weight":"bolder","wrap":true},{"inlines":[{"text":"schemas \u003c!channel\u003e \u0026 \u003chttps://evil.example|x\u003e: acme.","type":"TextRun"}],"type":"RichTextBlock"}],` +
			`"type":"AdaptiveCard","version":"1.4"},"contentType":"application/vnd.microsoft.card.adaptive"}],"type":"message"}`,
	} {
		got, err := notify.Body(form, "k", []byte(raw))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v\nwant %s", form, got, err, want)
		}
	}
	if _, err := notify.Body("", "k", []byte("{")); err == nil {
		t.Error("what is no message is sent")
	}
}

// TestSign compares a signature with one that `openssl dgst -sha256 -hmac secret`
// made of `1700000000.{}`.
func TestSign(t *testing.T) {
	t.Parallel()
	const want = "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
	if got := notify.Sign("secret", "1700000000", []byte("{}")); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
