//! A door in front of the vendor, through which no connection comes about until it is opened.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Why no connection comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nobody listens.
    Refused,
    /// The certificate is not trusted.
    Tls,
    /// There is no such name.
    Dns,
}

/// A certificate that is trusted, and one that is not.
#[derive(Clone)]
pub(super) struct Certificates {
    trusted: TlsAcceptor,
    other: TlsAcceptor,
}

impl Certificates {
    /// New ones, and the file of the authority that is to be trusted.
    pub(super) fn new(directory: &Path) -> (Certificates, PathBuf) {
        let (trusted, authority) = certificate();
        let ca_file = directory.join("ca.pem");
        std::fs::write(&ca_file, authority).unwrap();
        (Certificates { trusted, other: certificate().0 }, ca_file)
    }
}

/// A certificate for this machine, and its authority in PEM.
fn certificate() -> (TlsAcceptor, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    (TlsAcceptor::from(Arc::new(config)), authority.pem())
}

pub(super) struct Door {
    /// Scheme, host and port.
    pub(super) url: String,
    behind: String,
    state: State,
}

enum State {
    Unbound(TcpSocket),
    Untrusted(Arc<AtomicBool>),
    Nowhere,
}

impl Door {
    /// A closed door, behind which there is `http://HOST:PORT`.
    pub(super) async fn new(trouble: Trouble, certificates: &Certificates, behind: &str) -> Door {
        let behind = behind.replace("http://", "");
        let (url, state) = match trouble {
            Trouble::Refused => {
                let socket = TcpSocket::new_v4().unwrap();
                socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
                (format!("http://{}", socket.local_addr().unwrap()), State::Unbound(socket))
            }
            Trouble::Tls => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
                let is_trusted = Arc::new(AtomicBool::new(false));
                tokio::spawn(secure(listener, certificates.clone(), is_trusted.clone(), behind.clone()));
                (url, State::Untrusted(is_trusted))
            }
            Trouble::Dns => ("https://no-such-host.invalid".to_owned(), State::Nowhere),
        };
        Door { url, behind, state }
    }

    /// Host and port.
    pub(super) fn host(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    /// Lets connections through, from now on; a name cannot be given to anybody. Answers whether it does.
    pub(super) fn open(self) -> bool {
        match self.state {
            State::Unbound(socket) => {
                let listener = socket.listen(16).unwrap();
                tokio::spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        tokio::spawn(forward(stream, self.behind.clone()));
                    }
                });
            }
            State::Untrusted(is_trusted) => is_trusted.store(true, Ordering::SeqCst),
            State::Nowhere => return false,
        }
        true
    }
}

async fn secure(
    listener: TcpListener,
    certificates: Certificates,
    is_trusted: Arc<AtomicBool>,
    behind: String,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let Certificates { trusted, other } = certificates.clone();
        let acceptor = if is_trusted.load(Ordering::SeqCst) { trusted } else { other };
        let behind = behind.clone();
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                forward(stream, behind).await;
            }
        });
    }
}

async fn forward(mut stream: impl AsyncRead + AsyncWrite + Unpin, behind: String) {
    let mut vendor = TcpStream::connect(behind).await.unwrap();
    // However it ends, it is over.
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut vendor).await;
}
