package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// notificationModel is an address that is told of events.
type notificationModel struct {
	Name     types.String `tfsdk:"name"`
	URL      types.String `tfsdk:"url"`
	Secret   types.String `tfsdk:"secret"`
	Events   types.Set    `tfsdk:"events"`
	Template types.String `tfsdk:"template"`
	Contacts types.Bool   `tfsdk:"contacts"`
}

// notificationsAttribute describes who is told of what.
func notificationsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "Addresses that are told of what happens to tenants, by a POST of JSON. What is to be told is kept in the landlord database until it is sent: an apply waits for no address, and `terraform-provider-landlord notify` sends what is left. " +
			"The landlord database knows an address by its `name` alone. Environment: `LANDLORD_NOTIFICATIONS`, the path of a JSON file with a list of the same. Default: none.",
		Validators: []validator.List{listvalidator.SizeAtMost(mostNotifications)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":   schema.StringAttribute{Required: true, MarkdownDescription: "Name of the address: lower-case letters, digits, `-` and `_`, a letter first. Another name is another address, which is told everything anew.", Validators: []validator.String{isNotificationName()}},
			"url":    schema.StringAttribute{Required: true, Sensitive: true, MarkdownDescription: "Where it is sent to, with `https` or `http`.", Validators: []validator.String{isAddress()}},
			"secret": schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Secret of the signature: the header `Landlord-Signature` is `v1=` and the HMAC-SHA256, in hex, of the header `Landlord-Timestamp`, a full stop and the body. Default: none, nothing is signed.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			"events": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "What it is told of: `update_available`, `pending_approval`, `conflict`, `drift`, `rollout_finished`, `rollout_failed`, `rollout_asked` (to pause, go on, end or go back), `checkpoint_too_old` (needs `backup_objective`), `unhealthy`. " +
					"Drift and health are looked at by `terraform-provider-landlord notify` alone. Default: all.",
				Validators: []validator.Set{setvalidator.ValueStringsAre(attribute.OneOf(landlord.NotificationEvents()...))},
			},
			"template": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Form of the body: `generic`, `slack` or `teams` (a workflow's webhook). Default: `generic`.",
				Validators: []validator.String{attribute.OneOf(notificationTemplates()...)},
			},
			"contacts": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it is told of `update_available` for each tenant by itself that has a `contact` in its `metadata`, with the contact: for a gateway that tells tenants. Default: `false`."},
		}},
	}
}

const mostNotifications = 50

func notificationTemplates() []landlord.NotificationTemplate {
	return []landlord.NotificationTemplate{landlord.NotificationGeneric, landlord.NotificationSlack, landlord.NotificationTeams}
}

// notifications returns the addresses of a configuration, else those of the file
// that the environment names.
func (e environment) notifications(models []notificationModel) []landlord.Notification {
	const variable = "LANDLORD_NOTIFICATIONS"
	if models == nil {
		file := e.getenv(variable)
		if file == "" {
			return nil
		}
		list, err := readNotifications(file)
		if err != nil {
			e.wrong(variable, "notifications", err)
		}
		return list
	}
	var out []landlord.Notification
	for _, m := range models {
		n := landlord.Notification{
			Name: m.Name.ValueString(), URL: m.URL.ValueString(), Secret: m.Secret.ValueString(),
			Template: landlord.NotificationTemplate(m.Template.ValueString()), Contacts: m.Contacts.ValueBool(),
		}
		for _, event := range value.ToTexts(m.Events) {
			n.Events = append(n.Events, landlord.NotificationEvent(event))
		}
		if twice(out, n.Name) {
			e.diags.AddAttributeError(path.Root("notifications"), "Notification name is used twice",
				"`"+n.Name+"` names two addresses. What is to be sent is kept under the name alone, so that it would go to the first of them.\n\nGive each address a name of its own.")
		}
		out = append(out, n)
	}
	return out
}

// twice says whether an address of the name is there already.
func twice(list []landlord.Notification, name string) bool {
	return slices.ContainsFunc(list, func(n landlord.Notification) bool { return n.Name == name })
}

// readNotifications reads addresses from a file. The error says nothing of what is
// in it: that is secret.
func readNotifications(file string) ([]landlord.Notification, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	var written []struct {
		Name, URL, Secret string
		Events            []landlord.NotificationEvent
		Template          landlord.NotificationTemplate
		Contacts          bool
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&written) != nil {
		return nil, errors.New("the file is no list of objects with `name`, `url`, `secret`, `events`, `template` and `contacts`")
	}
	var out []landlord.Notification
	for i, w := range written {
		n := landlord.Notification{Name: w.Name, URL: w.URL, Secret: w.Secret, Events: w.Events, Template: w.Template, Contacts: w.Contacts}
		if err := checkNotification(&n); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if twice(out, n.Name) {
			return nil, fmt.Errorf("entry %d: `%s` names an entry before it already", i+1, n.Name)
		}
		out = append(out, n)
	}
	return out, nil
}

// checkNotification checks what validators check of a configuration.
func checkNotification(n *landlord.Notification) error {
	if err := checkNotificationName(n.Name); err != nil {
		return err
	}
	if err := checkAddress(n.URL); err != nil {
		return err
	}
	if n.Template != "" && !slices.Contains(notificationTemplates(), n.Template) {
		return fmt.Errorf("the template `%s` is not known", n.Template)
	}
	for _, event := range n.Events {
		if !slices.Contains(landlord.NotificationEvents(), event) {
			return fmt.Errorf("the event `%s` is not known", event)
		}
	}
	return nil
}

var notificationName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

func checkNotificationName(text string) error {
	if !notificationName.MatchString(text) {
		return fmt.Errorf("`%s` is no name: write lower-case letters, digits, `-` and `_`, a letter first, at most 64 characters", text)
	}
	return nil
}

func isNotificationName() validator.String {
	return attribute.Checked{Summary: "Notification name cannot be used", Wants: "a name: lower-case letters, digits, `-` and `_`, a letter first", Check: checkNotificationName}
}

func isAddress() validator.String {
	return attribute.Checked{Summary: "Notification address cannot be used", Wants: "an address with `https://` or `http://`", Check: checkAddress}
}

// checkAddress says whether something can be sent to an address; the error does
// not have it.
func checkAddress(text string) error {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		return errors.New("`url` is no address that begins with `https://` or `http://`")
	}
	return nil
}
