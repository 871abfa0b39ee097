# By template and version. Its files come along, inline. Where the configuration
# has the same ones, or the same built-in source, the next plan has no change; a
# directory as its `source` takes their place in the state, and nothing is
# published.
terraform import landlord_tenant_template.shop shop@1.4.0
