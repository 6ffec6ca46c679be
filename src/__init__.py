"""SecureChain SSC Ingestion: package registries into a software supply-chain graph."""

__version__ = "0.1.0"
