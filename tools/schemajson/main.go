// Command schemajson prints the provider's schema in the form of `terraform
// providers schema -json`, for the documentation generator. It asks the
// provider itself, in this process: a Terraform that is older than a feature
// (identity, list resources, actions) leaves that feature out.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// providerName is the key of the schema: the generator looks for the short
// name, or for an address in HashiCorp's own namespace.
const providerName = "landlord"

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("schema"))()
	schemas, err := ask(ctx, server)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(schemas)
}

// ask gets the schemas from a provider and puts them into the printed form.
func ask(ctx context.Context, server tfprotov6.ProviderServer) (*document, error) {
	schema, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("asking for the schemas: %w", err)
	}
	if err := firstError(schema.Diagnostics); err != nil {
		return nil, fmt.Errorf("asking for the schemas: %w", err)
	}
	identity, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, fmt.Errorf("asking for the identities: %w", err)
	}
	if err := firstError(identity.Diagnostics); err != nil {
		return nil, fmt.Errorf("asking for the identities: %w", err)
	}
	return &document{
		FormatVersion: "1.0",
		Schemas:       map[string]providerSchema{providerName: newProviderSchema(schema, identity)},
	}, nil
}

// firstError returns the first error among diagnostics.
func firstError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}
