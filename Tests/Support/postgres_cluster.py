"""A separate PostgreSQL cluster for tests: started in a folder, stopped by its process id."""

import glob
import os
import pathlib
import subprocess


class Cluster:
    """The server's superuser is `tester`; its sockets are in `folder`."""

    def __init__(self, folder: pathlib.Path, options: str):
        self.folder = folder
        self.programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        # PostgreSQL does not run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            subprocess.run(["chown", "-R", "postgres", folder], check=True)
        subprocess.run(
            [*self.user, self.programs / "initdb", "-D", folder / "cluster", "-A", "trust", "-U", "tester", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True)
        subprocess.run(
            [*self.user, self.programs / "pg_ctl", "-D", folder / "cluster", "-w", "-l", folder / "log", "-o", f"-k {folder} {options}", "start"],
            check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        subprocess.run(
            [*self.user, self.programs / "pg_ctl", "-D", self.folder / "cluster", "-m", "immediate", "stop"], stdout=subprocess.DEVNULL)
