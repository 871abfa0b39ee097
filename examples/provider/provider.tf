terraform {
  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

# The account comes from LANDLORD_USERNAME and LANDLORD_PASSWORD.
provider "landlord" {
  endpoint = "db.example.com:3306"

  tls = {
    ca_file = "/etc/ssl/certs/database-ca.pem"
  }

  # Tenants that have to stay in another region name this server:
  # server = "eu". Its account comes from LANDLORD_SERVER_EU_USERNAME and
  # LANDLORD_SERVER_EU_PASSWORD.
  servers = {
    eu = {
      endpoint = "db.eu.example.com:3306"
    }
  }
}
