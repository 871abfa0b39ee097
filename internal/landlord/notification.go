package landlord

import "slices"

// NotificationEvent is something that people are told.
type NotificationEvent string

// What can be told.
const (
	NotifyUpdate     NotificationEvent = "update_available"   // a template has a newer version than tenants follow
	NotifyApproval   NotificationEvent = "pending_approval"   // migrations wait for an approval
	NotifyConflict   NotificationEvent = "conflict"           // updates meet what tenants have of their own
	NotifyDrift      NotificationEvent = "drift"              // somebody changed schemas
	NotifyRollout    NotificationEvent = "rollout_finished"   // a rollout is done
	NotifyFailed     NotificationEvent = "rollout_failed"     // a rollout was halted or rolled back
	NotifyAsked      NotificationEvent = "rollout_asked"      // somebody asked a rollout to pause, to go on, to end or to go back
	NotifyCheckpoint NotificationEvent = "checkpoint_too_old" // the newest data checkpoint is older than it may be
	NotifyUnhealthy  NotificationEvent = "unhealthy"          // its health has fewer points than it may
)

// NotificationEvents returns all events.
func NotificationEvents() []NotificationEvent {
	return []NotificationEvent{NotifyUpdate, NotifyApproval, NotifyConflict, NotifyDrift, NotifyRollout, NotifyFailed, NotifyAsked, NotifyCheckpoint, NotifyUnhealthy}
}

// NotificationTemplate says in which form a notification is sent.
type NotificationTemplate string

// The forms of a notification.
const (
	NotificationGeneric NotificationTemplate = "generic"
	NotificationSlack   NotificationTemplate = "slack"
	NotificationTeams   NotificationTemplate = "teams"
)

// Notification is an address that is told of events. Its URL and its secret are
// never written anywhere: the landlord database knows it by its name.
type Notification struct {
	Name     string
	URL      string               `json:"-"`
	Secret   string               `json:"-"` // of the signature; empty for none
	Events   []NotificationEvent  // empty for all
	Template NotificationTemplate // empty for NotificationGeneric
	// Contacts tells the contact of each tenant, which is `contact` in its metadata,
	// instead of telling of all at once. Of the events, update_available is for them.
	Contacts bool
}

// Wants says whether the address is told of an event.
func (n *Notification) Wants(event NotificationEvent) bool {
	if n.Contacts {
		return event == NotifyUpdate
	}
	return len(n.Events) == 0 || slices.Contains(n.Events, event)
}

// Delivery is what came of sending notifications.
type Delivery struct {
	New     int // that were found to be sent
	Sent    int
	Failed  int    // that are tried again later
	Pending int    // that are left for addresses of the configuration
	Failure string // why the oldest that is left could not be sent; empty when nobody tried
}
