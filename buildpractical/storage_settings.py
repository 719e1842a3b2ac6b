"""Where generated files lie: a folder of this machine, or a bucket that speaks S3 (AWS, MinIO, R2)."""


def folder(path):
    """Return the storage that keeps files below the path, readable by this user alone."""
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": path,
            "allow_overwrite": True,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def bucket(name, *, endpoint_url, region, access_key, secret_key):
    """Return the storage that keeps files in the bucket; empty values are left to the provider's defaults."""
    from botocore.config import Config  # slow to import, and needed only here

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint_url or None,
            "region_name": region or None,
            "access_key": access_key or None,
            "secret_key": secret_key or None,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,
            "max_memory_size": 4 * 1024 * 1024,
            "client_config": Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=20,
                retries={"mode": "standard", "max_attempts": 3},
                # MinIO and R2 do not take the newer checksums of AWS everywhere; ours is the key itself.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    }
