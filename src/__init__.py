"""SecureChain SSC Ingestion: package registries into a software supply-chain graph."""
