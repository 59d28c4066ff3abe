//! The files of a machine, as far as they are simulated.

use super::Software;
use super::machine::Bench;
use crate::practice::shell::{Output, absolute, matches};

/// Directories that every machine has.
const FOLDERS: &[&str] = &[
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/etc/systemd",
    "/etc/systemd/system",
    "/home",
    "/home/ec2-user",
    "/home/ssm-user",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/local",
    "/usr/local/bin",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/tmp",
];

/// Directories that come with packages.
const OF_PACKAGES: &[(&str, &[&str])] = &[
    (
        "httpd",
        &[
            "/etc/httpd",
            "/etc/httpd/conf",
            "/etc/httpd/conf.d",
            "/var/log/httpd",
            "/var/www",
            "/var/www/cgi-bin",
            "/var/www/html",
        ],
    ),
    ("nginx", &["/etc/nginx", "/etc/nginx/conf.d", "/usr/share/nginx", "/usr/share/nginx/html", "/var/log/nginx"]),
    ("php-fpm", &["/etc/php-fpm.d", "/var/log/php-fpm"]),
];

/// The log of the first boot.
const LOG: &str = "/var/log/cloud-init-output.log";

/// The largest file that is kept, in bytes.
const LARGEST: usize = 64 * 1024;

/// Is a path a directory?
pub(super) fn is_directory(software: &Software, path: &str) -> bool {
    let below = format!("{}/", path.trim_end_matches('/'));
    FOLDERS.contains(&path)
        || software.directories.contains(path)
        || OF_PACKAGES.iter().any(|(package, folders)| software.packages.contains(*package) && folders.contains(&path))
        || software.files.keys().any(|file| file.starts_with(&below))
}

impl Bench<'_> {
    /// The text of a file.
    pub(super) fn read_file(&self, path: &str) -> Result<String, &'static str> {
        let Some(software) = self.software() else { return Err("Input/output error") };
        if path == LOG {
            return Ok(software.log.clone());
        }
        if let Some(text) = software.files.get(path) {
            return Ok(text.clone());
        }
        if is_directory(software, path) {
            return Err("Is a directory");
        }
        self.made_file(path).ok_or("No such file or directory")
    }

    /// Files that the system makes.
    fn made_file(&self, path: &str) -> Option<String> {
        let instance = self.region.instances.get(self.instance)?;
        Some(match path {
            "/etc/system-release" => "Amazon Linux release 2023.12.20261026 (Amazon Linux)\n".to_owned(),
            "/etc/os-release" => "NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\nPLATFORM_ID=\"platform:al2023\"\nPRETTY_NAME=\"Amazon Linux 2023.12.20261026\"\n".to_owned(),
            "/etc/hostname" => format!("{}\n", self.region.host_name(instance)),
            "/etc/hosts" => "127.0.0.1   localhost localhost.localdomain localhost4 localhost4.localdomain4\n::1         localhost6 localhost6.localdomain6\n".to_owned(),
            "/etc/resolv.conf" => format!("nameserver {}\nsearch {}\n", self.resolver()?, self.region.host_name(instance).split_once('.')?.1),
            _ => return None,
        })
    }

    /// What a question says of a path.
    pub(super) fn path_is(&self, kind: char, path: &str) -> bool {
        let directory = self.software().is_some_and(|software| is_directory(software, path));
        match kind {
            'd' => directory,
            'f' => self.read_file(path).is_ok(),
            _ => directory || self.read_file(path).is_ok(),
        }
    }

    /// Writes a file; the error is bash's sentence.
    pub(super) fn write_file(&mut self, path: &str, text: &str, append: bool) -> Output {
        let failed = |why: &str| Output::fail(1, format!("{path}: {why}\n"));
        let folder = path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        if self.path_is('d', path) {
            return failed("Is a directory");
        }
        if !self.path_is('d', folder) {
            return failed("No such file or directory");
        }
        let Some(software) = self.software_mut() else { return failed("Input/output error") };
        if path == LOG {
            return failed("awslab practice: writing to this log is not simulated");
        }
        let file = software.files.entry(path.to_owned()).or_default();
        if !append {
            file.clear();
        }
        if file.len() + text.len() > LARGEST {
            return failed("awslab practice: files of more than 64 KiB are not simulated");
        }
        file.push_str(text);
        Output::default()
    }

    /// The paths that match a pattern in its last part.
    pub(super) fn glob(&self, pattern: &str) -> String {
        let Some(software) = self.software() else { return String::new() };
        let depth = pattern.matches('/').count();
        let all = software.files.keys().chain(&software.directories).map(String::as_str).chain([LOG]);
        let mut found: Vec<&str> =
            all.filter(|path| path.matches('/').count() == depth && matches(pattern, path)).collect();
        found.sort_unstable();
        found.iter().map(|path| format!("{path}\n")).collect()
    }

    /// `mkdir`, `rm`, `cp`, `mv`, `touch`, `ls`, `chmod` and `chown`.
    pub(super) fn file_command(&mut self, words: &[String], directory: &str) -> Option<Output> {
        let name = words.first()?.as_str();
        let (options, paths): (Vec<&String>, Vec<&String>) =
            words.iter().skip(1).partition(|word| word.starts_with('-') && word.len() > 1);
        let flags: String = options.iter().flat_map(|option| option.trim_start_matches('-').chars()).collect();
        let full: Vec<String> = paths.iter().map(|path| absolute(directory, path)).collect();
        Some(match name {
            "mkdir" => self.mkdir(&full, flags.contains('p')),
            "touch" => {
                let mut output = Output::default();
                for path in &full {
                    let one = self.write_file(path, "", true);
                    output.code = output.code.max(one.code);
                    if one.code != 0 {
                        output.err.push_str(&format!("touch: cannot touch '{path}': No such file or directory\n"));
                    }
                }
                output
            }
            "rm" => self.rm(&full, &flags),
            "cp" | "mv" => self.copy(name, &full),
            "ls" => self.ls(&full, &flags, directory),
            // Rights are not simulated beyond that everybody is root and everything can be read.
            "chmod" | "chown" | "restorecon" => {
                let targets = if name == "restorecon" { &full[..] } else { full.get(1..).unwrap_or_default() };
                match targets.iter().find(|path| !self.path_is('e', path)) {
                    Some(missing) => {
                        Output::fail(1, format!("{name}: cannot access '{missing}': No such file or directory\n"))
                    }
                    None => Output::default(),
                }
            }
            _ => return None,
        })
    }

    fn mkdir(&mut self, paths: &[String], parents: bool) -> Output {
        for path in paths {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if self.path_is('e', path) {
                if parents && self.path_is('d', path) {
                    continue;
                }
                return Output::fail(1, format!("mkdir: cannot create directory ‘{path}’: File exists\n"));
            }
            if !parents && !self.path_is('d', if folder.is_empty() { "/" } else { folder }) {
                return Output::fail(
                    1,
                    format!("mkdir: cannot create directory ‘{path}’: No such file or directory\n"),
                );
            }
            let Some(software) = self.software_mut() else { continue };
            let mut made = String::new();
            for part in path.split('/').filter(|part| !part.is_empty()) {
                made.push('/');
                made.push_str(part);
                software.directories.insert(made.clone());
            }
        }
        Output::default()
    }

    fn rm(&mut self, paths: &[String], flags: &str) -> Output {
        let (force, recursive) = (flags.contains('f'), flags.contains(['r', 'R']));
        let mut output = Output::default();
        for path in paths {
            let directory = self.path_is('d', path);
            if directory && !recursive {
                output.err.push_str(&format!("rm: cannot remove '{path}': Is a directory\n"));
                output.code = 1;
            } else if !self.path_is('e', path) {
                if !force {
                    output.err.push_str(&format!("rm: cannot remove '{path}': No such file or directory\n"));
                    output.code = 1;
                }
            } else if let Some(software) = self.software_mut() {
                let below = format!("{path}/");
                software.files.retain(|file, _| file != path && !file.starts_with(&below));
                software.directories.retain(|one| one != path && !one.starts_with(&below));
            }
        }
        output
    }

    fn copy(&mut self, name: &str, paths: &[String]) -> Output {
        let [from, to] = paths else { return Output::fail(1, format!("{name}: missing file operand\n")) };
        let text = match self.read_file(from) {
            Ok(text) => text,
            Err(why) => return Output::fail(1, format!("{name}: cannot stat '{from}': {why}\n")),
        };
        let file = from.rsplit('/').next().unwrap_or_default();
        let to = if self.path_is('d', to) { format!("{to}/{file}") } else { to.clone() };
        let written = self.write_file(&to, &text, false);
        if written.code == 0
            && name == "mv"
            && let Some(software) = self.software_mut()
        {
            software.files.remove(from);
        }
        written
    }

    fn ls(&self, paths: &[String], flags: &str, directory: &str) -> Output {
        if let Some(other) = flags.chars().find(|flag| !"la1hAR".contains(*flag) || *flag == 'R') {
            return Output::fail(127, crate::practice::shell::not_simulated(&format!("ls -{other}")));
        }
        let here = [directory.to_owned()];
        let mut output = Output::default();
        for path in if paths.is_empty() { &here[..] } else { paths } {
            if self.path_is('d', path) {
                for name in self.names_in(path) {
                    self.ls_line(&mut output.out, &format!("{}/{name}", path.trim_end_matches('/')), &name, flags);
                }
            } else if self.path_is('e', path) {
                self.ls_line(&mut output.out, path, path, flags);
            } else {
                output.err.push_str(&format!("ls: cannot access '{path}': No such file or directory\n"));
                output.code = 2;
            }
        }
        output
    }

    fn ls_line(&self, out: &mut String, path: &str, name: &str, flags: &str) {
        if flags.contains('l') {
            let (kind, size) = if self.path_is('d', path) {
                ("drwxr-xr-x. 2", 6)
            } else {
                ("-rw-r--r--. 1", self.read_file(path).map_or(0, |text| text.len()))
            };
            out.push_str(&format!("{kind} root root {size:>6} {name}\n"));
        } else {
            out.push_str(&format!("{name}\n"));
        }
    }

    /// The names in a directory that are simulated.
    fn names_in(&self, path: &str) -> Vec<String> {
        let Some(software) = self.software() else { return Vec::new() };
        let start = format!("{}/", path.trim_end_matches('/'));
        let of_packages = OF_PACKAGES
            .iter()
            .filter(|(package, _)| software.packages.contains(*package))
            .flat_map(|(_, folders)| *folders);
        let all = software.files.keys().chain(&software.directories).map(String::as_str);
        let all = all.chain(FOLDERS.iter().copied()).chain(of_packages.copied()).chain([LOG]);
        let mut names: Vec<String> = all
            .filter_map(|one| one.strip_prefix(&start)?.split('/').next().filter(|name| !name.is_empty()))
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}
