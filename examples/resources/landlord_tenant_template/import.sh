# By template and version. The SQL stays in the configuration: the next plan
# compares its checksum with the published one.
terraform import landlord_tenant_template.shop shop@1.4.0
